"""The number for text messages: one's own, given with a fresh second factor, because it opens a way to the person, and
confirmed by a code that is sent to it."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.views.decorators.debug import sensitive_variables

from accounts.factors import require_fresh
from accounts.models import User
from audit import trail
from delivery import bells, confirming, numbers
from delivery.channels import text
from delivery.models import Delivery, Number, NumberCode, SetAside

OVER = "This code is not valid any more. Send another code"


@transaction.atomic
def set_number(*, number: str, by: User) -> NumberCode:
    """Send a code to this number, as typed, for one's own text messages. Confirmed by the code, it takes the place of
    the one before; until then that one stays.

    Raises FreshFactorNeeded, a PermissionDenied; ValidationError for what is no mobile number or confirmed already,
    after five codes in a day, and while the platform sends no text messages.
    """
    require_fresh(by)
    kept = numbers.mobile(number)
    _one_at_a_time(by)
    if Number.objects.filter(person=by, number=kept).exists():
        raise ValidationError("This is your number already, and it is confirmed")
    own_row = _asked(kept, by)
    trail.record("number.set", by, by=by)
    return own_row


@transaction.atomic
def send_code(*, by: User) -> NumberCode:
    """Send another code to the number one has given; the one before is of no use then.

    Raises ValidationError where no number waits, within a minute of the last, after five in a day, and while the
    platform sends no text messages.
    """
    _one_at_a_time(by)
    own_row = confirming.waiting(by)
    if own_row is None:
        raise ValidationError("There is no number to confirm")
    if NumberCode.objects.filter(person=by, asked_at__gt=Now() - confirming.PAUSE).exists():
        raise ValidationError("You asked for a code just now. Wait a minute before you ask for another")
    asked = _asked(own_row.number, by)
    trail.record("number.send_code", by, by=by)
    return asked


@transaction.atomic
@sensitive_variables("code")
def confirm_number(*, code: str, by: User) -> Number | None:
    """Keep the number one has given, for this is the code that was sent to it. None for a wrong one, which is counted.

    Raises ValidationError when no code can be right: it is late, used or replaced, or five were wrong.
    """
    rows = NumberCode.objects.select_for_update().filter(confirming.valid(), person=by)
    own_row = rows.first()
    if own_row is None:
        raise ValidationError({"code": OVER})
    if not confirming.is_right(own_row, code):
        NumberCode.objects.filter(pk=own_row.pk).update(wrong=F("wrong") + 1)
        return None
    confirming.let_go(by)
    kept, _ = Number.objects.update_or_create(person=by, defaults={"number": own_row.number, "since": Now()})
    trail.record("number.confirm", by, by=by)
    return kept


@transaction.atomic
def remove_number(*, by: User) -> User:
    """Forget one's own number, confirmed or not, and what was noted about it; return the person. Raises
    FreshFactorNeeded, a PermissionDenied; ValidationError where there is none."""
    require_fresh(by)
    gone, _ = Number.objects.filter(person=by).delete()
    if not gone + confirming.let_go(by):
        raise ValidationError("There is no number to remove")
    own_row = SetAside.objects.filter(person=by, channel=Delivery.Channel.TEXT)
    own_row.delete()
    trail.record("number.remove", by, by=by)
    return by


def _one_at_a_time(by: User) -> None:
    """Two tabs ask one after the other, so that what is counted is right."""
    User.objects.select_for_update().get(pk=by.pk)


def _asked(number: str, by: User) -> NumberCode:
    """Owe a code to this number, and to none that was given before."""
    if not text.is_on():
        raise ValidationError("Lantern does not send text messages here yet")
    rows = NumberCode.objects.filter(person=by)
    rows.filter(asked_at__lte=Now() - confirming.A_DAY).delete()
    if rows.count() >= confirming.ENOUGH:
        raise ValidationError("You have asked for five codes within a day. Try again tomorrow")
    confirming.let_go(by)
    own_row = NumberCode.objects.create(person=by, number=number)
    transaction.on_commit(bells.ring_for_codes)
    return own_row
