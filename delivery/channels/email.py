"""Email: one SMTP connection for a whole chunk, one envelope for each person.

Refusals follow RFC 5321: 4xx is tried again later, 5xx to the recipient or the message is for good, and 421 or a lost
line ends the connection but decides nothing about those whose turn had not come. A message whose body was handed over
and never answered is unsure (RFC 1047). Nothing here writes to the ledger.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from django.conf import settings
from django.db.models import Q

from delivery import envelopes
from delivery.channels import Item, Outcome, Result, Unreachable
from delivery.channels.letter import Unusable, checked, letter_for, sender_address
from delivery.channels.lines import PatientSMTP
from delivery.models import Mailing

GOING_AWAY = 421


class Reply(NamedTuple):
    """One answer of the server."""

    code: int
    words: str

    def __str__(self) -> str:
        return f"{self.code} {self.words}"


class _Letter(NamedTuple):
    delivery: int
    address: str
    body: bytes


class Email:
    """A line to the mail server of the settings."""

    _smtp: PatientSMTP
    stands_in = False
    is_open = False
    handed_over = 0
    _pipelined = False
    _problem = "The mail server closed the line."

    @staticmethod
    def server() -> str:
        """The mail server of the settings."""
        return f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"

    @staticmethod
    def address() -> str:
        """The address a person signs in with."""
        return "recipient__person__email"

    @staticmethod
    def wanted(_mailing: Mailing) -> Q:
        """Everybody is written to."""
        return Q()

    @staticmethod
    def reaches() -> Q:
        """Everybody has an address."""
        return Q()

    def __enter__(self) -> Self:
        """Connect, with TLS and a sign-in where the settings ask for them; never without when they do."""
        self._sender = sender_address()
        try:
            self._smtp = self._connected()
        except (OSError, smtplib.SMTPException) as problem:
            raise Unreachable(_words(problem)) from problem
        self.is_open, self._pipelined = True, self._smtp.has_extn("pipelining")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up politely; how that is answered changes nothing."""
        try:
            if self.is_open:
                self._smtp.quit()
        except (OSError, smtplib.SMTPException):
            pass
        finally:
            self._smtp.close()

    def send(self, mailing: Mailing, batch: Sequence[Item]) -> Iterator[Outcome]:
        """Hand over each letter in turn and say how it went.

        A server that offers pipelining (RFC 2920) gets each body together with the next envelope: one round trip for
        a letter instead of four. Each keeps its own answers.
        """
        letter = letter_for(mailing)
        in_flight: _Letter | None = None
        for item in batch:
            if not self.is_open:
                yield Outcome(item.delivery, Result.UNTRIED)
                continue
            try:
                written = _Letter(item.delivery, checked(item.address), letter.fill(item) + b".\r\n")
            except Unusable as problem:
                yield Outcome(item.delivery, Result.REFUSED, str(problem))
                continue
            replies = self._ask(*([in_flight.body] if in_flight else []), *self._envelope(written))
            if in_flight:
                yield self._after_body(in_flight, replies)
            refused = self._after_envelope(written, replies, was_first=not in_flight)
            in_flight = None if refused else written
            if refused:
                yield refused
            elif not self._pipelined:
                yield self._after_body(written, self._ask(written.body))
                in_flight = None
        if in_flight:
            yield self._after_body(in_flight, self._ask(in_flight.body))

    def _connected(self) -> PatientSMTP:
        # Our name in the greeting is the sender's domain: the machine's own name is nobody's business.
        own_name = self._sender.rpartition("@")[2]
        smtp = PatientSMTP(
            settings.EMAIL_HOST, settings.EMAIL_PORT, local_hostname=own_name, timeout=settings.EMAIL_TIMEOUT
        )
        try:
            smtp.ehlo_or_helo_if_needed()
            if settings.EMAIL_USE_TLS:
                smtp.starttls(context=ssl.create_default_context())
            if settings.EMAIL_HOST_USER:
                smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _envelope(self, letter: _Letter) -> list[bytes]:
        """Bounces have an address of their own for each delivery, where the settings give them one (`From:` never
        changes)."""
        back = envelopes.sender(letter.delivery, letter.address, self._sender)
        return [f"MAIL FROM:<{back}>\r\n".encode(), f"RCPT TO:<{letter.address}>\r\n".encode(), b"DATA\r\n"]

    def _ask(self, *commands: bytes) -> list[Reply]:
        """Say these and return the answers: all at once, or one by one up to the first refusal. Fewer come when the
        line is lost."""
        replies: list[Reply] = []
        try:
            if self._pipelined:
                self._smtp.send(b"".join(commands))
            for command in commands:
                if not self._pipelined:
                    self._smtp.send(command)
                code, words = self._smtp.getreply()
                replies.append(Reply(code, " ".join(words.decode("utf-8", "replace").split())))
                if code == GOING_AWAY:
                    self.is_open = False
                if code == GOING_AWAY or (code >= 400 and not self._pipelined):
                    break
        except (OSError, smtplib.SMTPException) as problem:
            self.is_open, self._problem = False, _words(problem)
        return replies

    def _after_body(self, letter: _Letter, replies: list[Reply]) -> Outcome:
        """What the first of the answers says about a body that was handed over. No answer: unsure."""
        self.handed_over += 1
        if not replies:
            return Outcome(letter.delivery, Result.UNSURE, self._problem)
        reply = replies.pop(0)
        if 200 <= reply.code < 300:
            return Outcome(letter.delivery, Result.ACCEPTED)
        return Outcome(letter.delivery, _refusal(reply.code), str(reply))

    def _after_envelope(self, letter: _Letter, replies: list[Reply], *, was_first: bool) -> Outcome | None:
        """None when the body may follow. A lost line is this letter's doing only if it was the last thing said."""
        for reply, good in zip(replies, ({250}, {250, 251}, {354}), strict=False):
            if reply.code not in good:
                self._forget(replies)
                # A refused sender is something to mend, not a reason to give up on the recipient.
                result = Result.LATER if reply is replies[0] else _refusal(reply.code)
                return Outcome(letter.delivery, result, str(reply))
        if len(replies) == 3:
            return None
        if was_first or replies:
            return Outcome(letter.delivery, Result.LATER, self._problem)
        return Outcome(letter.delivery, Result.UNTRIED)

    def _forget(self, replies: list[Reply]) -> None:
        """End the refused transaction, so that the next one starts afresh."""
        if self.is_open and replies[-1].code == 354:  # asked for a body all the same: there is none, for nobody
            self._ask(b".\r\n")
        if self.is_open:
            self._ask(b"RSET\r\n")


def _refusal(code: int) -> Result:
    return Result.REFUSED if 500 <= code < 600 else Result.LATER


def _words(problem: Exception) -> str:
    return f"{type(problem).__name__}: {' '.join(str(problem).split())}"
