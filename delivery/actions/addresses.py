"""Addresses that were set aside or flagged: trying them again."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now

from accounts.models import User
from audit import trail
from delivery.models import SetAside


@transaction.atomic
def try_again(*, set_aside: SetAside, by: User) -> SetAside:
    """Send to this address again, and count anew what comes back; return the row, which has ended.

    One's own, those of people of an agency one leads, and those of leads in a network one coordinates: raises
    PermissionDenied for any other; ValidationError where somebody has done it already.
    """
    known = SetAside.objects.visible_to(by).filter(pk=set_aside.pk)
    if not known.exists():
        raise PermissionDenied("Only the person and those who look after them can do this.")
    if not SetAside.objects.filter(pk=set_aside.pk, until_at=None).update(until_at=Now()):
        raise ValidationError("This address is being tried again already")
    set_aside.refresh_from_db()
    trail.record("address.try_again", set_aside.person, by=by, channel=set_aside.channel)
    return set_aside
