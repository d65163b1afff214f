"""A real SMTP server whose answers a test can set by address. What it accepted is the truth to compare with."""

from __future__ import annotations

import email
import email.policy
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.servers import free_port

DROP = "drop"  # take the whole message and hang up without a word
KEEP_AND_DROP = "keep and drop"  # accept it, and hang up before saying so


class Server:
    """`at_sender`, `at_rcpt` and `at_data` hold answers by address; everything else is accepted."""

    def __init__(self, pipelining: bool = False) -> None:
        self.pipelining = pipelining
        self.at_sender: str = ""
        self.at_rcpt: dict[str, str] = {}
        self.at_data: dict[str, str] = {}
        self.accepted: list[tuple[str, EmailMessage]] = []
        self.senders: list[str] = []
        self.greetings: list[str] = []  # by what name each connection introduced itself
        self.connections = 0
        self.most_a_connection = 10_000
        self._taken: Counter[int] = Counter()
        self.port = 0

    @property
    def addresses(self) -> list[str]:
        """To whom mail was accepted, in order."""
        return [address for address, _ in self.accepted]

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        self.connections += 1
        self.greetings.append(name)
        session.host_name = name
        return ["250-PIPELINING", *lines] if self.pipelining else lines

    async def handle_MAIL(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        envelope.mail_from = address
        return self.at_sender or "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Any) -> str:  # noqa: N802
        self._taken[id(session)] += 1
        if self._taken[id(session)] > self.most_a_connection:
            return "421 Enough for one connection"
        envelope.rcpt_tos.append(address)
        return self.at_rcpt.get(address, "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        (address,) = envelope.rcpt_tos
        answer = self.at_data.get(address, "250 OK")
        if answer.startswith("250") or answer == KEEP_AND_DROP:
            content = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.accepted.append((address, content))
            self.senders.append(envelope.mail_from or "")
        if answer in {DROP, KEEP_AND_DROP}:
            server.transport.abort()
        return answer


@contextmanager
def running(pipelining: bool = False) -> Iterator[Server]:
    """The server on a free port, in a thread of its own."""
    server = Server(pipelining)
    server.port = free_port()
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    server.accepted.clear()
    server.connections = 0
    try:
        yield server
    finally:
        controller.stop()
