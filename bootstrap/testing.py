"""`./run test` and `./run bench`: real servers, every test on both engines, and a plain account at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bootstrap.frontend import build
from bootstrap.packages import install
from bootstrap.places import PYTHON, ROOT, log, shown
from bootstrap.results import Results, account, read
from tests.servers import postgres, valkey

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
NO_TESTS = 5  # pytest's exit code when nothing was chosen


def test(words: Sequence[str]) -> int:
    """Run pytest with these words on SQLite, then on PostgreSQL; return 0 when something ran and nothing failed."""
    install("dev")
    build()
    _say_what_is_missing()
    with valkey() as broker, tempfile.TemporaryDirectory(prefix="lantern-tests-") as scratch:
        first = {"LANTERN_DATABASE_URL": f"sqlite:///{scratch}/lantern.sqlite3", "LANTERN_TEST_ROUND": "first"}
        rounds = [_round("SQLite", words, {**first, "LANTERN_REDIS_URL": broker}, Path(scratch))]
        with postgres() as database:
            second = {"LANTERN_DATABASE_URL": database, "LANTERN_TEST_ROUND": "second"}
            rounds.append(_round("PostgreSQL", words, {**second, "LANTERN_REDIS_URL": broker}, Path(scratch)))
    print(account(rounds), flush=True)
    broken = any(each.failed or each.code not in {0, NO_TESTS} for each in rounds)
    return 1 if broken or not any(each.ran for each in rounds) else 0


def bench(words: Sequence[str]) -> int:
    """Run the benchmarks beside real servers; return their exit code."""
    install("dev")
    build()
    with postgres() as database, valkey() as broker:
        env = _environment({"LANTERN_DATABASE_URL": database, "LANTERN_REDIS_URL": broker})
        return subprocess.run([PYTHON, "-m", "tests.benchmarks", *words], cwd=ROOT, env=env, check=False).returncode


def _round(engine: str, words: Sequence[str], extra: dict[str, str], scratch: Path) -> Results:
    """One run of pytest on one engine."""
    state = scratch / engine
    state.mkdir()
    report = log(f"tests-{engine.lower()}").with_suffix(".xml")
    report.unlink(missing_ok=True)
    print(f"\n── Tests on {engine} " + "─" * (60 - len(engine)), flush=True)
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pytest",
        "-p",
        "tests.selection",
        "-n",
        "2",
        "--dist",
        "loadgroup",
        f"--junit-xml={report}",
        *words,
    ]
    env = _environment({**extra, "LANTERN_VAR": str(state)})
    done = subprocess.run(command, cwd=ROOT, env=env, check=False)
    return read(engine, report, done.returncode)


def _environment(extra: dict[str, str]) -> dict[str, str]:
    """What tests are told: nothing of the person's own LANTERN_ settings may reach them."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("LANTERN_")}
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)  # many processes are started, and would compile everything each time
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), "")
    return {**inherited, "LANTERN_MODE": "test", "LANTERN_CHROMIUM": browser, **extra}


def _say_what_is_missing() -> None:
    """Say loudly, before the tests, which of them will be skipped and why."""
    if not any(shutil.which(name) for name in BROWSERS):
        print("\nNO BROWSER: tests in a browser will be skipped: there is no Chromium or Chrome on this machine.")
    data = os.environ.get("CONFORMANCE_DATA", "")
    if not data:
        print("\nNO CONFORMANCE DATA: tests against published schemas and data will be skipped; set CONFORMANCE_DATA.")
    elif not Path(data).is_dir():
        print(f"\nNO CONFORMANCE DATA: tests that need it will be skipped, because {shown(Path(data))} is no folder.")
