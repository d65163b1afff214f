"""What goes over the line, byte by byte, with a server that follows a script."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from delivery.channels import Outcome, Result, Unreachable
from delivery.channels.email import Email
from tests.delivery.test_letter import item, mailing

GREETING = ["220 ready", "250-server\r\n250 PIPELINING"]
TAKEN = ["250 sender", "250 recipient", "354 go on"]


class Script:
    """Says its next answer when a whole command, or a whole body, has come; an empty one is to say nothing yet."""

    def __init__(self, answers: list[str]) -> None:
        self.answers, self.heard = answers, b""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.play, daemon=True)

    def play(self) -> None:
        line, _ = self.listener.accept()
        with line, line.makefile("rb") as said:
            in_body = False
            for number, answer in enumerate(self.answers):
                if number:
                    self.listen(said, in_body)
                if answer == "hang up":
                    return
                if answer == "stall":
                    threading.Event().wait(3)
                    return
                line.sendall(answer.encode() + b"\r\n" if answer else b"")
                in_body = answer.endswith("354 go on")
            while data := line.recv(1000):
                self.heard += data

    def listen(self, said, in_body: bool) -> None:
        while heard := said.readline():
            self.heard += heard
            if not in_body or heard == b".\r\n":
                return


@contextmanager
def script(settings, *answers: str) -> Iterator[Script]:
    playing = Script([*GREETING, *answers])
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", playing.port, 1
    playing.thread.start()
    try:
        yield playing
    finally:
        playing.listener.close()
        playing.thread.join(5)


def send(count: int) -> list[Result]:
    batch = [item(delivery=number, address=f"p{number}@a.example") for number in range(count)]
    with Email() as line:
        outcomes: list[Outcome] = list(line.send(mailing(), batch))
    assert [outcome.delivery for outcome in outcomes] == list(range(count))
    return [outcome.result for outcome in outcomes]


class TestPipelining:
    def test_each_body_goes_with_the_next_envelope_before_any_answer(self, settings):
        together = ["", "", "\r\n".join(TAKEN)]
        after_body = ["", "", "", "\r\n".join(["250 first", *TAKEN])]
        with script(settings, *together, *after_body, "250 second", "221 bye") as server:
            assert send(2) == [Result.ACCEPTED, Result.ACCEPTED]
        envelope = b"MAIL FROM:<alerts@lantern.example>\r\nRCPT TO:<p1@a.example>\r\nDATA\r\n"
        assert b"\r\n.\r\n" + envelope in server.heard

    def test_a_server_that_asks_for_a_body_without_a_recipient_gets_an_empty_one(self, settings):
        answers = ["250 sender", "550 nobody", "354 go on", "554 no recipients", "250 forgotten"]
        with script(settings, *answers, *TAKEN, "250 taken", "221 bye") as server:
            assert send(2) == [Result.REFUSED, Result.ACCEPTED]
        assert b"DATA\r\n.\r\nRSET\r\nMAIL" in server.heard

    def test_a_refusal_of_the_next_does_not_touch_the_answer_to_the_one_before(self, settings):
        refused = ["250 sender", "550 nobody", "503 no recipients", "250 forgotten"]
        with script(settings, *TAKEN, "250 first", *refused, *TAKEN, "250 third", "221 bye"):
            assert send(3) == [Result.ACCEPTED, Result.REFUSED, Result.ACCEPTED]

    def test_a_body_without_an_answer_is_unsure_and_the_next_was_never_tried(self, settings):
        with script(settings, *TAKEN, "hang up"):
            assert send(3) == [Result.UNSURE, Result.UNTRIED, Result.UNTRIED]

    def test_a_line_lost_after_the_answer_is_the_next_ones_trouble(self, settings):
        with script(settings, *TAKEN, "250 first", "250 sender", "hang up"):
            assert send(3) == [Result.ACCEPTED, Result.LATER, Result.UNTRIED]

    def test_a_server_that_says_nothing_any_more_leaves_the_body_unsure(self, settings):
        with script(settings, *TAKEN, "stall"):
            assert send(2) == [Result.UNSURE, Result.UNTRIED]

    def test_a_busy_server_is_left_to_itself(self, settings):
        with script(settings, *TAKEN, "421 too busy"):
            assert send(2) == [Result.LATER, Result.UNTRIED]


class TestOpening:
    @pytest.mark.parametrize("greeting", ["554 go away", "421 too busy", "hang up", "stall"])
    def test_a_server_that_does_not_greet_is_unreachable(self, settings, greeting):
        playing = Script([greeting])
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", playing.port, 1
        playing.thread.start()
        with pytest.raises(Unreachable):
            Email().__enter__()

    def test_does_not_send_without_the_sign_in_that_the_settings_ask_for(self, settings):
        settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "lantern", "secret"
        with script(settings), pytest.raises(Unreachable):
            Email().__enter__()

    def test_does_not_tell_the_name_of_the_machine(self, settings):
        with script(settings, *TAKEN, "250 first", "221 bye") as server:
            send(1)
        assert server.heard.startswith(b"ehlo lantern.example\r\n")
        assert socket.gethostname().encode() not in server.heard
