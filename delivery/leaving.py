"""Somebody leaves: what was still to be sent to them is not sent. The post would find it out by itself when the turn of
each letter comes; here it is said at once, in the same transaction."""

from __future__ import annotations

from django.db.models import Q

from accounts.models import User
from delivery.ledger import OWED, close
from delivery.models import Delivery
from network.appointing import Place
from network.models import Agency


def let_go(person: User, place: Place) -> None:
    """What was owed to the person as somebody of this agency."""
    if isinstance(place, Agency):
        _suppress(Q(recipient__person=person, recipient__agency=place))


def end_with_person(person: User, by: User) -> None:  # noqa: ARG001  every function of this list is told
    """What was owed to the person at all."""
    _suppress(Q(recipient__person=person))


def _suppress(whose: Q) -> None:
    """What a mail server is being handed at this moment may still arrive."""
    theirs = Delivery.objects.filter(whose).values("pk")
    owed = Delivery.objects.filter(pk__in=theirs, state__in=OWED)
    close(owed, Delivery.State.SUPPRESSED, "The person has left.")
