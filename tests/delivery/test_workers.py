from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bootstrap.places import ROOT
from bootstrap.watched import Watched
from tests.delivery import smtp
from tests.servers import postgres, valkey

PEOPLE = 400
pytestmark = [pytest.mark.once, pytest.mark.xdist_group("servers")]


class Stage:
    """A database, a broker, a mail server and workers of their own, as in production."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self.env, self.folder = env, folder

    def scene(self, *words: str) -> dict[str, Any]:
        command = [sys.executable, "-m", "tests.delivery.scene", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def worker(self) -> Watched:
        words = [
            "worker",
            "-Q",
            "immediate,routine",
            "-c",
            "2",
            "--without-gossip",
            "--without-mingle",
            "-l",
            "WARNING",
        ]
        command = [sys.executable, "-m", "celery", "-A", "config.celery", *words]
        return Watched(command, log=self.folder / "worker", env=self.env, folder=ROOT)


@pytest.fixture
def mail_server():
    with smtp.running() as server:
        yield server


@pytest.fixture
def stage(tmp_path, mail_server):
    with postgres() as database, valkey() as broker:
        settings = {
            "MODE": "test",
            "DATABASE_URL": database,
            "BROKER_URL": broker,
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(mail_server.port),
            "VAR": str(tmp_path),
        }
        clean = {name: value for name, value in os.environ.items() if not name.startswith("LANTERN_")}
        named = {f"LANTERN_{name}": value for name, value in settings.items()}
        yield Stage({**clean, **named, "DJANGO_SETTINGS_MODULE": "config.settings"}, tmp_path)


def until(done: Callable[[], bool], patience: float = 90) -> None:
    deadline = time.monotonic() + patience
    while not done():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


class TestAWorkerKilledHalfWay:
    def test_loses_nobody_and_repeats_only_what_says_so(self, stage, mail_server):
        assert stage.scene("release", str(PEOPLE)) == {"recipients": PEOPLE}
        first = stage.worker()
        try:
            until(lambda: len(mail_server.accepted) > PEOPLE // 4)
        finally:
            os.killpg(first.pid, signal.SIGKILL)
            first.stop()
        assert len(mail_server.accepted) < PEOPLE
        begun = stage.scene("age")["sending"]
        second = stage.worker()
        try:
            stage.scene("ring")
            until(lambda: len(set(mail_server.addresses)) == PEOPLE)
            until(lambda: stage.scene("state")["states"] == {"sent": PEOPLE})
        finally:
            second.stop()
        account = stage.scene("state")
        repeated = {address for address, times in Counter(mail_server.addresses).items() if times > 1}
        assert set(account["sent"]) == set(mail_server.addresses)
        assert repeated <= set(account["may repeat"])
        assert len(account["may repeat"]) == begun
        ids = {address: set[str]() for address in mail_server.addresses}
        for address, message in mail_server.accepted:
            ids[address].add(message["Message-ID"])
        assert all(len(found) == 1 for found in ids.values())
