"""The code that shows that a number is the person's: sent to it away from any page, and asked for by the page.

It is made anew each time it is handed over, so that the one before is of no use, and kept as a digest by a key derived
from ours: six digits would soon be found in one without. Nothing else is ever sent to a number that is not confirmed.
"""

from __future__ import annotations

import datetime as dt
import hmac
import logging
import re
import secrets
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.crypto import salted_hmac
from django.views.decorators.debug import sensitive_variables

from accounts import letterbox
from accounts.letterbox import Problem
from accounts.models import User
from delivery import gate
from delivery.channels import Result, Unreachable
from delivery.channels.text import Text, is_on
from delivery.models import NumberCode

ENOUGH, A_DAY = 5, dt.timedelta(days=1)  # a stranger whose number was typed by mistake gets no more
PAUSE = dt.timedelta(minutes=1)
LAST_TRY = 4  # after 18 minutes: nobody waits at the page any more
WORDS = "{} is your code to confirm your number for Lantern. If you did not ask for it, you need do nothing."
NOT_DIGITS = re.compile(r"[\s\-]")
logger = logging.getLogger(__name__)


def waiting(person: User) -> NumberCode | None:
    """The number that this person gave and has not confirmed, with the last code for it; None when there is none."""
    return NumberCode.objects.filter(person=person.pk).exclude(number="").first()


def valid() -> Q:
    """Of codes: that typing it may still confirm a number, by the database's clock."""
    in_time = Q(made_at__gt=Now() - NumberCode.LASTS, wrong__lt=NumberCode.TRIES)
    return in_time & ~Q(digest="") & ~Q(number="")


def is_right(row: NumberCode, typed: str) -> bool:
    """Whether this is the code that was sent last."""
    return hmac.compare_digest(row.digest, _digest(row.pk, NOT_DIGITS.sub("", typed)))


def let_go(person: User) -> int:
    """No code for a number of this person counts any more, and none is sent; return how many that was."""
    rows = NumberCode.objects.filter(person=person).exclude(number="")
    return rows.update(number="", digest="", due_at=None)


def due() -> list[UUID]:
    """The codes to be sent now, oldest first; none while nothing may leave."""
    if not is_on() or not gate.is_open():
        return []
    return list(letterbox.free(NumberCode.objects.order_by("pk")).values_list("pk", flat=True)[:100])


@sensitive_variables("code")
def send(pk: UUID) -> bool:
    """Make a code and send it, if it is due and nobody else is sending it. True if it was handed over. One that got no
    answer is made anew and sent again."""
    rows = NumberCode.objects.filter(pk=pk)
    if not letterbox.claim(rows):
        return False
    row, code = rows.get(), f"{secrets.randbelow(10**6):06}"
    still = rows.exclude(number="")
    if not still.update(digest=_digest(pk, code), made_at=Now(), wrong=0, tries=F("tries") + 1):
        return False
    problem = _handed_over(row, code)
    if problem is None:
        return bool(still.update(due_at=None, lease_until=None))
    again = letterbox.next_try(row.tries, problem)
    still.update(due_at=again, lease_until=None, **({} if again else {"digest": ""}))
    return False


@sensitive_variables("code")
def _handed_over(row: NumberCode, code: str) -> Problem | None:
    """Give it to Notify; None when that took it."""
    try:
        with Text() as line:
            result = line.say(row.number, WORDS.format(code), f"code-{row.pk}").result
    except Unreachable:
        result = Result.LATER
    if result == Result.ACCEPTED:
        return None
    logger.warning("code_not_sent", extra={"problem": result.name})
    return Problem("It could not be sent.", is_final=result == Result.REFUSED or row.tries >= LAST_TRY)


def _digest(pk: UUID, code: str) -> str:
    """Of this row alone: somebody else's code is of no use."""
    return salted_hmac("lantern.delivery.confirming", f"{pk} {code}", algorithm="sha256").hexdigest()
