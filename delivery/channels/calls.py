"""One call of a webhook: to an address that was checked, within a limit for all of it, following nothing.

The connection is made to the checked address while TLS holds the server to its name, so that nothing can come between
the check and the call. No redirect is followed and no proxy of the environment is asked; both would go elsewhere.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import cache

from delivery.targets import Target, addresses

CONNECTING = 5.0  # seconds, for all addresses together
WHOLE = 15.0  # seconds, for everything
WORDS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (ssl.SSLCertVerificationError, "Its certificate is not trusted, or is for another name."),
    (ssl.SSLError, "No secure connection could be made."),
    (ConnectionRefusedError, "Nothing answers at that address."),
    ((http.client.BadStatusLine, ConnectionError), "It hung up without an answer."),
    (http.client.HTTPException, "Its answer could not be understood."),
)
READ_AT_MOST = 4096  # bytes of an answer's body: nothing in it matters


class NotSent(Exception):  # noqa: N818
    """Nothing of the message was handed over."""


class Unanswered(Exception):  # noqa: N818
    """The message was handed over, in part or whole, and not answered in time."""


class _Line(http.client.HTTPConnection):
    """A connection to the first of these addresses that answers."""

    def __init__(self, target: Target, found: list[str]) -> None:
        super().__init__(target.host, target.port, timeout=WHOLE)
        self._target, self._found = target, found
        self._until = time.monotonic() + CONNECTING
        self.was_cut = False
        self._reached_by: socket.socket | None = None  # `sock` is let go of as soon as the answer begins
        self._watch = threading.Timer(WHOLE, self.cut)
        self._watch.daemon = True

    def connect(self) -> None:
        """Reach the server, with TLS unless it is this machine itself. Raises OSError."""
        self._watch.start()
        self.sock = self._reached_by = self._reached()
        if self._target.secure:
            secure = tls().wrap_socket(self.sock, server_hostname=self._target.host, do_handshake_on_connect=False)
            self.sock = self._reached_by = secure
            secure.do_handshake()

    def hang_up(self) -> None:
        """Close it, and watch no longer."""
        self._watch.cancel()
        self.close()

    def cut(self) -> None:
        """End it from another thread: a server that answers a byte a second resets every limit on silence."""
        self.was_cut = True
        if self._reached_by is not None:
            with suppress(OSError):  # it is closed already
                socket.socket.shutdown(self._reached_by, socket.SHUT_RDWR)  # of TLS, the line below it

    def _reached(self) -> socket.socket:
        problem: OSError = TimeoutError("nobody answered")
        for address in self._found:
            left = self._until - time.monotonic()
            if left <= 0:
                break
            line = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
            try:
                line.settimeout(left)
                line.connect((address, self._target.port))  # a number: nothing is looked up again
            except OSError as refused:
                line.close()
                problem = refused
                continue
            line.settimeout(WHOLE)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return line
        raise problem


def post(target: Target, body: bytes, headers: Mapping[str, str]) -> int:
    """Post this and return the status of the answer.

    Raises `targets.Unfit` where it may not go, NotSent when nothing was handed over, Unanswered when it cannot be known
    what became of it.
    """
    line = _Line(target, addresses(target))
    try:
        try:
            line.connect()
        except OSError as problem:
            raise NotSent(_words(problem, line)) from problem
        try:
            line.request("POST", target.path, body, {"Host": target.authority, "Connection": "close", **headers})
            answer = line.getresponse()
        except (OSError, http.client.HTTPException) as problem:
            raise Unanswered(_words(problem, line)) from problem
        _read(answer)
        return answer.status
    finally:
        line.hang_up()


@cache
def tls() -> ssl.SSLContext:
    """How servers are known: by the certificates this machine trusts, read once in a process."""
    return ssl.create_default_context()


def _read(answer: http.client.HTTPResponse) -> None:
    """A little of the body, so that the other side is not cut off in the middle of a sentence."""
    with suppress(OSError, http.client.HTTPException):
        answer.read(READ_AT_MOST)


def _words(problem: Exception, line: _Line) -> str:
    """What went wrong, in our words: what the other side wrote may hold what it was sent."""
    if line.was_cut or isinstance(problem, TimeoutError):
        return "It did not answer in time."
    return next((words for kinds, words in WORDS if isinstance(problem, kinds)), "It could not be reached.")
