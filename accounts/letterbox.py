"""Letters whose row is their queue: claimed by a lease, handed over away from any page, tried again ever later.

For what is written to people about their way in, also before they have one. All else goes by the post.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from typing import Any, NamedTuple, TypeVar

from django.core.mail import EmailMessage
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Now

Row = TypeVar("Row", bound=Model)
LEASE = dt.timedelta(minutes=3)  # longer than the mail server is waited for
AGAIN = [dt.timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 30, 60, 120, 240, 480)]
logger = logging.getLogger(__name__)


class Problem(NamedTuple):
    """Why the mail server did not take a letter, and whether trying again is useless."""

    words: str
    is_final: bool


def free(letters: QuerySet[Row]) -> QuerySet[Row]:
    """Those of these letters that are due and that nobody is sending, by the database's clock."""
    return letters.filter(Q(lease_until=None) | Q(lease_until__lt=Now()), due_at__lte=Now())


def claim(letter: QuerySet[Any]) -> bool:
    """Whether this letter is the caller's to send: true for one of any number who ask at once."""
    return bool(free(letter).update(lease_until=Now() + LEASE))


def hand_over(message: EmailMessage, kind: str) -> Problem | None:
    """Give it to the mail server; None when that took it."""
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as refusal:
        codes = [code for code, _ in refusal.recipients.values()]
        return Problem("The mail server does not take this address.", all(code >= 500 for code in codes))
    except (OSError, smtplib.SMTPException) as problem:
        logger.warning("letter_not_sent", extra={"kind": kind, "problem": type(problem).__name__})
        return Problem("The mail server could not be reached.", is_final=False)
    return None


def next_try(tries: int, problem: Problem) -> Any:
    """When a letter that was tried so often before is due again; None when it is given up."""
    return None if problem.is_final or tries >= len(AGAIN) else Now() + AGAIN[tries]
