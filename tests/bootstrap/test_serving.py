"""`./run` as a person starts it, looked at from outside: pages, mail, processes."""

from __future__ import annotations

import os
import re
import signal
import smtplib
import subprocess
import sys
import time
from email.message import EmailMessage

import pytest

from bootstrap.places import ROOT
from tests.bootstrap.processes import alive, descendants, fetch, until
from tests.servers import free_port

pytestmark = pytest.mark.xdist_group("serving")  # they share one folder for state
PARTS = 4  # web, mail, worker, beat


class Running:
    """One `./run` in its own folder for state."""

    def __init__(self, var: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        env = {name: value for name, value in os.environ.items() if not name.startswith("LANTERN_")}
        started = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "run"), "--port", str(self.port)],
            env={**env, "LANTERN_VAR": var},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said = ""
        while "Ctrl-C" not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
        self.seconds = time.monotonic() - started
        assert until(lambda: len(self.family()) >= 2 * PARTS)

    def family(self):
        return alive(descendants(self.process.pid))

    def part(self, word: str):
        """The process whose command line has this word, not its watcher."""
        return next(each for each in self.family() if word in each.cmdline() and "--" not in each.cmdline())


@pytest.fixture(scope="module")
def var(tmp_path_factory):
    return str(tmp_path_factory.mktemp("var"))


@pytest.fixture
def running(var):
    each = Running(var)
    yield each
    if each.process.poll() is None:
        each.process.terminate()
        each.process.wait(30)


class TestServe:
    def test_serves_the_sign_in_page_and_says_who_can_sign_in(self, running):
        status, page = fetch(running.address)
        assert status == 200
        assert "Sign in" in page
        assert running.address in running.said
        assert re.search(r"Sign in as any of these people with the password\s+\S+", running.said)
        assert re.search(r"\S+@\S+\.example\s+Cora", running.said)

    def test_shows_on_a_page_the_mail_it_was_given(self, running):
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = (
            "a@lantern.example",
            "mia@haven.example",
            "Seen on the page",
        )
        message.set_content("Plain words.")
        words = running.part("demonstration.catcher").cmdline()
        port = words[words.index("--port") + 1]
        with smtplib.SMTP("127.0.0.1", int(port)) as relay:
            relay.send_message(message)
        assert "Seen on the page" in fetch(f"{running.address}/demonstration/mail/")[1]

    def test_starts_a_second_time_without_doing_it_all_again(self, var):
        again = Running(var)
        again.process.send_signal(signal.SIGINT)
        again.process.wait(30)
        print(f"\n./run: listening again after {again.seconds:.1f} s")
        assert "Installing" not in again.said
        assert "Building" not in again.said

    @pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
    def test_stops_everything_when_told_to(self, running, told):
        family = running.family()
        running.process.send_signal(told)
        assert running.process.wait(30) == 0
        assert not alive(family)
        assert running.process.stdout.read().split() == ["Stopping", "…", "Stopped."]

    def test_leaves_no_process_behind_when_it_is_killed(self, running):
        family = running.family()
        running.process.kill()
        running.process.wait()
        assert until(lambda: not alive(family), 20)

    def test_starts_a_part_again_that_was_killed(self, running):
        web = running.part("gunicorn")
        web.kill()
        assert "web stopped" in running.process.stdout.readline()
        assert until(lambda: fetch(running.address)[0] == 200)
