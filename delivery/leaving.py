"""Somebody leaves: what was still to be sent to them is not sent. The post would find it out by itself when the turn of
each letter comes; here it is said at once, in the same transaction."""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Now

from accounts.models import User
from delivery.ledger import OWED
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
    owed = Delivery.objects.filter(whose, state__in=OWED).values("pk")
    Delivery.objects.filter(pk__in=list(owed.values_list("pk", flat=True)), state__in=OWED).update(
        state=Delivery.State.SUPPRESSED,
        detail="The person has left.",
        fence=None,
        lease_until=None,
        finished_at=Now(),
    )
