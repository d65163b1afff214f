"""The number for text messages: one's own, with a fresh second factor, because it opens a way to the person."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now

from accounts.factors import require_fresh
from accounts.models import User
from audit import trail
from delivery import numbers
from delivery.channels import text
from delivery.models import Delivery, Number, SetAside


@transaction.atomic
def set_number(*, number: str, by: User) -> Number:
    """Keep the number, as typed, for one's own text messages; it takes the place of the one before.

    Raises FreshFactorNeeded, a PermissionDenied; ValidationError for what is no mobile number, and while the platform
    sends no text messages.
    """
    require_fresh(by)
    if not text.is_on():
        raise ValidationError("Lantern does not send text messages here yet")
    own_row, _ = Number.objects.update_or_create(person=by, defaults={"number": numbers.mobile(number), "since": Now()})
    trail.record("number.set", by, by=by)
    return own_row


@transaction.atomic
def remove_number(*, by: User) -> User:
    """Forget one's own number, and what was noted about it; return the person. Raises FreshFactorNeeded, a
    PermissionDenied; ValidationError where there is none."""
    require_fresh(by)
    gone, _ = Number.objects.filter(person=by).delete()
    if not gone:
        raise ValidationError("There is no number to remove")
    own_row = SetAside.objects.filter(person=by, channel=Delivery.Channel.TEXT)
    own_row.delete()
    trail.record("number.remove", by, by=by)
    return by
