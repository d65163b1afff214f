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


def send_mail(port: int, subject: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "alerts@lantern.example", "mia@haven.example", subject
    message.set_content("Plain words.")
    with smtplib.SMTP("127.0.0.1", port) as relay:
        relay.send_message(message)


@pytest.fixture
def start(tmp_path):
    """`start()` is a `./run` that has come up; whatever is left of it at the end is stopped."""
    begun = []

    def begin() -> Running:
        begun.append(Running(str(tmp_path)))
        return begun[-1]

    yield begin
    for each in begun:
        each.process.kill()
        each.process.wait()


@pytest.mark.deep
@pytest.mark.ci
class TestServe:
    """Two starts, in one test because each costs seconds."""

    def test_serves_stops_cleanly_starts_again_quickly_and_leaves_nothing_behind(self, start):
        first = start()
        self.shows_the_sign_in_page_and_says_who_can_sign_in(first)
        self.shows_on_a_page_the_mail_it_was_given(first)
        self.starts_a_part_again_that_was_killed(first)
        self.stops_everything_on_ctrl_c(first)
        second = start()
        print(f"\n./run: answering {second.seconds:.1f} s after a second start")
        assert "Installing" not in second.said
        assert "Building" not in second.said
        self.leaves_no_process_behind_when_it_is_killed(second)

    def shows_the_sign_in_page_and_says_who_can_sign_in(self, running):
        status, page = fetch(running.address)
        assert status == 200
        assert "Sign in" in page
        assert running.address in running.said
        assert re.search(
            r"Press “Sign in as …” on the sign-in page, or use an address below with the password\s+\S+", running.said
        )
        assert re.search(r"\S+@\S+\.example\s+Cora", running.said)

    def shows_on_a_page_the_mail_it_was_given(self, running):
        words = running.part("demonstration.catcher").cmdline()
        send_mail(int(words[words.index("--port") + 1]), "Seen on the page")
        assert "Seen on the page" in fetch(f"{running.address}/demonstration/mail/")[1]

    def starts_a_part_again_that_was_killed(self, running):
        running.part("gunicorn").kill()
        assert "web stopped (code 137); starting it again in 1 s." in running.process.stdout.readline()
        assert until(lambda: fetch(running.address)[0] == 200)

    def stops_everything_on_ctrl_c(self, running):
        family = running.family()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(30) == 0
        assert not alive(family)
        assert running.process.stdout.read().split() == ["Stopping", "…", "Stopped."]

    def leaves_no_process_behind_when_it_is_killed(self, running):
        family = running.family()
        running.process.kill()
        running.process.wait()
        assert len(family) >= 2 * PARTS
        assert until(lambda: not alive(family), 20)
