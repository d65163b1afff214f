"""The part of GOV.UK Notify that Lantern speaks to: a small HTTP server that checks what it is asked as Notify does,
and then answers as a test told it to, by number. What it accepted is the truth to compare with.

It is the one thing here that stands in for something: Notify cannot be reached from where tests run.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import jwt

SERVICE, SECRET = "5b8d2f3a-0000-4000-8000-00000000000a", "0f6f4e4e-1111-4111-8111-11111111111b"
KEY = f"lantern-tests-{SERVICE}-{SECRET}"
TEMPLATE = "7c1c9d5e-2222-4222-8222-22222222222c"
FIELDS = {"phone_number", "template_id", "personalisation", "reference"}

DROP = "drop"  # take the request and hang up without a word
KEEP_AND_DROP = "keep and drop"  # accept it, and hang up before saying so
STALL = "stall"  # take it, accept it, and say nothing for a while
DRIP = "drip"  # accept it, and answer a byte at a time
Answer = tuple[int, dict[str, Any]] | str


def error(status: int, message: str, kind: str = "BadRequestError") -> tuple[int, dict[str, Any]]:
    """An answer in the shape of Notify's own."""
    return status, {"status_code": status, "errors": [{"error": kind, "message": message}]}


class Notify:
    """`answers` by number; a number without one is accepted."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.accepted: list[dict[str, Any]] = []
        self.ids: list[str] = []
        self.heads = self.connections = 0
        self.url = ""
        self.moved_to = ""

    @property
    def numbers(self) -> list[str]:
        """To whom messages were accepted, in order."""
        return [asked["phone_number"] for asked in self.accepted]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    notify: Notify

    def setup(self) -> None:
        super().setup()
        self.notify.connections += 1

    def do_HEAD(self) -> None:
        self.notify.heads += 1
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.notify.moved_to:
            self.say(307, {}, location=self.notify.moved_to)
            return
        answer = self.refusal(asked) or self.notify.answers.get(asked["phone_number"]) or self.taken(asked)
        if isinstance(answer, tuple):
            self.say(*answer)
            return
        if answer != DROP:
            self.taken(asked)
        if answer == DRIP:
            self.drip()
        time.sleep(3 if answer == STALL else 0)
        self.close_connection = True

    def refusal(self, asked: dict[str, Any]) -> Answer | None:
        """What Notify itself would say to a request that is not right."""
        for found in (self.stranger(), self.elsewhere(), self.unusable(asked)):
            if found:
                return found
        return None

    def stranger(self) -> Answer | None:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        try:
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"verify_iat": False})
        except jwt.PyJWTError:
            return error(403, "Invalid token: signature, api token not found", "AuthError")
        if scheme != "Bearer" or set(claims) != {"iss", "iat"} or claims["iss"] != SERVICE:
            return error(403, "Invalid token: service not found", "AuthError")
        if abs(time.time() - claims["iat"]) > 30:
            return error(403, "Error: Your system clock must be accurate to within 30 seconds", "AuthError")
        return None

    def elsewhere(self) -> Answer | None:
        if self.path == "/v2/notifications/sms" and self.headers["Content-Type"] == "application/json":
            return None
        return error(404, "Not found")

    @staticmethod
    def unusable(asked: dict[str, Any]) -> Answer | None:
        if set(asked) != FIELDS or set(asked["personalisation"]) != {"message"}:
            return error(400, "Missing personalisation: message")
        if asked["template_id"] != TEMPLATE:
            return error(400, "Template not found")
        if not re.fullmatch(r"\+[0-9]{8,15}", asked["phone_number"]):
            return error(400, "phone_number Not enough digits", "ValidationError")
        return None

    def taken(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.notify.accepted.append(asked)
        self.notify.ids.append(str(uuid4()))
        return 201, {"id": self.notify.ids[-1], "reference": asked["reference"], "uri": "…", "template": {}}

    def say(self, status: int, said: dict[str, Any], location: str = "") -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body)

    def drip(self) -> None:
        try:
            for byte in b"HTTP/1.1 201 CREATED\r\nContent-Length: 2\r\nX-Slow: " + b"x" * 60:
                self.wfile.write(bytes([byte]))
                time.sleep(0.1)
        except OSError:
            self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def running() -> Iterator[Notify]:
    """The server on a free port, in threads of its own."""
    notify = Notify()
    handler = type("Handler", (_Handler,), {"notify": notify})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    notify.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield notify
    finally:
        server.shutdown()
        server.server_close()
