"""Lantern as a newcomer starts it, `./run`, in a folder of its own, and a browser to use it with."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState

from bootstrap.places import ROOT
from demonstration.people import PEOPLE
from tests.servers import free_port

# Playwright keeps an event loop in its thread, which is also the thread of the tests that come after these.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
PATIENCE = 180.0
NO_OUTSIDE = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
DESKTOP = {"width": 1280, "height": 900}
NAMES = {person.name.split(" ")[0].lower(): person.name for person in PEOPLE}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser these tests are skipped, in so many words."""
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            if not os.environ.get("LANTERN_CHROMIUM"):
                item.add_marker(pytest.mark.skip(reason="there is no Chromium or Chrome on this machine"))


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    """The system's own browser, told to call nobody."""
    return {"executable_path": os.environ["LANTERN_CHROMIUM"], "args": NO_OUTSIDE}


@pytest.fixture(scope="session")
def lantern(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running Lantern with the demonstration in it."""
    port, folder = free_port(), tmp_path_factory.mktemp("lantern")
    env = {name: value for name, value in os.environ.items() if not name.startswith(("LANTERN_", "DJANGO_", "PYTEST_"))}
    said = folder / "said.txt"
    with said.open("w") as out:
        command = [sys.executable, "run", "--port", str(port)]
        running = subprocess.Popen(command, cwd=ROOT, env={**env, "LANTERN_VAR": str(folder)}, stdout=out, stderr=out)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{address}/healthz"), "Lantern to start", running, said)
        yield address
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(timeout=30)


def answers(address: str) -> bool:
    """Whether something answers 200 there."""
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def wait_for(happens: Callable[[], object], what: str, running: subprocess.Popen[bytes], said: Path) -> None:
    """Wait until it happens; fail with what was said when it does not, or when the process ends first."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and running.poll() is None:
        if happens():
            return
        time.sleep(0.2)
    pytest.fail(f"Waited in vain for {what}:\n{said.read_text()[-2000:]}")


def still_signed_in(page: Page, known: StorageState | None) -> bool:
    """Whether the session that was kept still opens the first page, which is then shown."""
    if known is None:
        return False
    page.goto("/")
    return "/account/" not in page.url


@pytest.fixture(scope="session")
def places() -> dict[str, StorageState]:
    """The session each person is signed in with, once they are: a test that ends one must not take it from here."""
    return {}


@pytest.fixture
def visit(lantern: str, browser: Browser, places: dict[str, StorageState]) -> Iterator[Callable[..., Page]]:
    """`visit("cora")` is a page of a browser in which Cora has signed in; `visit("nobody")` one with nobody.

    Cora's visits share a session, as her tabs would; `visit("cora", anew=True)` signs in once more.
    """
    contexts = []

    def signed_in(name: str, viewport: dict[str, int] = DESKTOP, *, anew: bool = False, **how: Any) -> Page:
        here = {"base_url": lantern, "viewport": viewport, "locale": "en-GB", "timezone_id": "Europe/London"}
        known = None if anew else places.get(name)
        context = browser.new_context(**{**here, "storage_state": known, **how})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        if name != "nobody" and not still_signed_in(page, known):
            page.goto("/account/sign-in/")
            page.get_by_role("button", name=f"Sign in as {NAMES[name]}").click()
            page.wait_for_url(f"{lantern}/")
            if not anew:
                places[name] = context.storage_state()
        return page

    yield signed_in
    for context in contexts:
        context.close()
