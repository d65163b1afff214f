"""E-mail: one SMTP connection for a whole chunk, one envelope for each person.

Refusals follow RFC 5321: 4xx is tried again later, 5xx to the recipient or the message is for good, and 421 or a lost
line ends the connection but decides nothing about those whose turn had not come. A message whose body was handed over
and never answered is unsure (RFC 1047). Nothing here writes to the ledger.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Self

from django.conf import settings

from delivery.channels import Item, Outcome, Result, Unreachable
from delivery.channels.letter import Letter, Unusable, checked, letter_for, sender_address
from delivery.models import Mailing

GOING_AWAY = 421


class Email:
    """A line to the mail server of the settings, open from `with` to its end, or until the server closes it.

    `is_open` says whether it still is; `handed_over` counts the bodies that went over it.
    """

    _smtp: smtplib.SMTP
    is_open = False
    handed_over = 0

    def __enter__(self) -> Self:
        """Connect, with TLS and a sign-in where the settings ask for them; never without when they do."""
        self._sender = sender_address()
        self.is_open = True
        try:
            self._smtp = self._connected()
        except (OSError, smtplib.SMTPException) as problem:
            raise Unreachable(_words(problem)) from problem
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
        """Hand over each letter in turn and say how it went."""
        letter = letter_for(mailing)
        for item in batch:
            yield self._send_one(letter, item) if self.is_open else Outcome(item.delivery, Result.UNTRIED)

    def _connected(self) -> smtplib.SMTP:
        # Our name in the greeting is the sender's domain: the machine's own name is nobody's business.
        own_name = self._sender.rpartition("@")[2]
        smtp = smtplib.SMTP(
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

    def _send_one(self, letter: Letter, item: Item) -> Outcome:
        try:
            address, content = checked(item.address), letter.fill(item)
        except Unusable as problem:
            return Outcome(item.delivery, Result.REFUSED, str(problem))
        result, detail = self._offer(address)
        if result is Result.ACCEPTED:
            self.handed_over += 1
            result, detail = self._hand_over(content)
        elif self.is_open:
            self._forget()
        return Outcome(item.delivery, result, detail)

    def _offer(self, address: str) -> tuple[Result, str]:
        """The envelope. Until the body has gone, a lost line means only “later”."""
        try:
            code, words = self._smtp.docmd("MAIL", f"FROM:<{self._sender}>")
            if code != 250:  # the sender is refused, not the recipient: something to mend, not a reason to give up
                return self._judged(Result.LATER, code, words)
            code, words = self._smtp.docmd("RCPT", f"TO:<{address}>")
            if code not in {250, 251}:
                return self._judged(_refusal(code), code, words)
            code, words = self._smtp.docmd("DATA")
            return (Result.ACCEPTED, "") if code == 354 else self._judged(_refusal(code), code, words)
        except (OSError, smtplib.SMTPException) as problem:
            self.is_open = False
            return Result.LATER, _words(problem)

    def _hand_over(self, content: bytes) -> tuple[Result, str]:
        try:
            self._smtp.send(content + b".\r\n")
            code, words = self._smtp.getreply()
        except (OSError, smtplib.SMTPException) as problem:
            self.is_open = False
            return Result.UNSURE, _words(problem)
        return self._judged(Result.ACCEPTED if 200 <= code < 300 else _refusal(code), code, words)

    def _judged(self, result: Result, code: int, words: bytes) -> tuple[Result, str]:
        if code == GOING_AWAY:
            self.is_open = False
        said = " ".join(words.decode("utf-8", "replace").split())
        return result, "" if result is Result.ACCEPTED else f"{code} {said}"

    def _forget(self) -> None:
        """End the refused transaction, so that the next one starts afresh."""
        try:
            code, _ = self._smtp.rset()
            self.is_open = code == 250
        except (OSError, smtplib.SMTPException):
            self.is_open = False


def _refusal(code: int) -> Result:
    return Result.REFUSED if 500 <= code < 600 else Result.LATER


def _words(problem: Exception) -> str:
    return f"{type(problem).__name__}: {' '.join(str(problem).split())}"
