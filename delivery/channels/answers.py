"""HTTP with a limit on each whole answer: a server that sends a byte a second resets every time-out for ever.

`requests` knows a limit on connecting and one on silence. This adds the one on the answer as a whole, headers and body
together, below the lease of what is being sent. Redirects are not followed: whoever answers is whom we asked.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

CONNECTING, SILENCE = 5.0, 30.0  # seconds
WHOLE_ANSWER = 60.0  # seconds; a lease is 120


class PatientSession(requests.Session):
    """A session whose answers must be complete in time. Overrunning it is a time-out, as `requests` says it."""

    def __init__(self) -> None:
        super().__init__()
        self.mount("https://", _Adapter())
        self.mount("http://", _Adapter())  # in tests; the settings refuse it in production

    def ask(self, method: str, url: str, **more: Any) -> requests.Response:
        """One request. Raises requests.RequestException."""
        return self.request(method, url, timeout=(CONNECTING, SILENCE), allow_redirects=False, **more)


def nothing_was_sent(problem: requests.RequestException) -> bool:
    """Whether this went wrong before a word of the request was said."""
    if isinstance(problem, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    if isinstance(problem, requests.ConnectionError):
        return bool({"NewConnectionError", "NameResolutionError"} & set(_reasons(problem)))
    return isinstance(problem, ValueError)  # an address that is none: `requests` never asked


def _reasons(problem: BaseException) -> list[str]:
    """The names of the faults inside a fault: `requests` wraps what urllib3 wraps."""
    inner = [each for each in (*problem.args, getattr(problem, "reason", None)) if isinstance(each, BaseException)]
    return [type(problem).__name__, *(name for each in inner for name in _reasons(each))]


class _InTime(io.RawIOBase):
    """Bytes from a socket, all of them within the limit."""

    def __init__(self, line: socket.socket) -> None:
        self._line, self._raw = line, line.makefile("rb", buffering=0)
        self._silence = line.gettimeout() or WHOLE_ANSWER
        self._until = time.monotonic() + WHOLE_ANSWER

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("The answer took too long.")
        self._line.settimeout(min(left, self._silence))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = io.BufferedReader(_InTime(sock))


class _Line(HTTPConnection):
    response_class = _Answer  # type: ignore[assignment]  # http.client makes its answers of this


class _SecureLine(HTTPSConnection):
    response_class = _Answer  # type: ignore[assignment]


class _Lines(HTTPConnectionPool):
    ConnectionCls = _Line


class _SecureLines(HTTPSConnectionPool):
    ConnectionCls = _SecureLine


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)  # type: ignore[no-untyped-call]
        self.poolmanager.pool_classes_by_scheme = {"http": _Lines, "https": _SecureLines}
