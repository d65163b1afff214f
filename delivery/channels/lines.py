"""SMTP with a limit on each whole answer: a server that sends a byte a second resets every time-out for ever.

The limit on silence stays what it is (the settings' time-out; a short one would manufacture repeats, RFC 5321 section
4.5.3.2). The limit on the answer is below the lease of what is being sent.
"""

from __future__ import annotations

import io
import smtplib
import socket
import time
from typing import Any

WHOLE_ANSWER = 100.0  # seconds; a lease is 120


class PatientSMTP(smtplib.SMTP):
    """An SMTP client whose answers must be complete in time. Overrunning it is a lost line, as smtplib says it."""

    file: Any

    def getreply(self) -> tuple[int, bytes]:
        """The next answer. Raises SMTPServerDisconnected when it is not complete in time."""
        if self.file is None:
            assert self.sock is not None  # noqa: S101  smtplib connects before it reads
            self.file = _InTime(self.sock)
        self.file.begin()
        return super().getreply()


class _InTime(io.RawIOBase):
    """Lines from a socket, each answer within the limit."""

    def __init__(self, line: socket.socket) -> None:
        self._line, self._kept, self._until = line, bytearray(), 0.0
        self._silence = line.gettimeout() or WHOLE_ANSWER

    def begin(self) -> None:
        """A new answer is waited for."""
        self._until = time.monotonic() + WHOLE_ANSWER

    def readline(self, size: int | None = -1) -> bytes:
        """One line, no longer than asked. Raises TimeoutError."""
        most = size if size is not None and size >= 0 else io.DEFAULT_BUFFER_SIZE
        while b"\n" not in self._kept and len(self._kept) < most:
            if not (more := self._more()):
                break
            self._kept += more
        end = self._kept.find(b"\n") + 1 or len(self._kept)
        line = bytes(self._kept[: min(end, most)])
        del self._kept[: len(line)]
        return line

    def _more(self) -> bytes:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("The answer took too long.")
        if left >= self._silence:
            return self._line.recv(8192)
        self._line.settimeout(left)
        try:
            return self._line.recv(8192)
        finally:
            self._line.settimeout(self._silence)
