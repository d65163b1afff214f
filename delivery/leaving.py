"""Somebody leaves: what was still to be sent to them is not sent, and their webhooks end. The post would find it out by
itself when the turn of each letter comes; here it is said at once, in the same transaction."""

from __future__ import annotations

from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from delivery import hooks
from delivery.models import Delivery, Endpoint, Number, NumberCode
from network.appointing import Place
from network.leaving import Held
from network.models import Agency


def held(person: User, place: Place, reader: User) -> list[Held]:
    """Their webhooks at this agency that have not ended, as far as the reader may know of them."""
    seen = Endpoint.objects.visible_to(reader).filter(owner=person, ended_at=None)
    count = seen.filter(agency=place).count() if isinstance(place, Agency) else 0
    return [Held("Webhooks", count, "End with their owner. The successor can add one", reverse("delivery:webhooks"))]


def let_go(person: User, place: Place) -> None:
    """What was owed to the person as somebody of this agency, and their webhook there."""
    if isinstance(place, Agency):
        hooks.end_of(person, place)
        _suppress(Q(recipient__person=person, recipient__agency=place))


def end_with_person(person: User, by: User) -> None:  # noqa: ARG001  every function of this list is told
    """What was owed to the person at all, all their webhooks, and the number for text messages, which may be somebody
    else's by the time they come back."""
    hooks.end_of(person)
    Number.objects.filter(person=person).delete()
    NumberCode.objects.filter(person=person).delete()
    _suppress(Q(recipient__person=person))


def _suppress(whose: Q) -> None:
    """What a mail server is being handed at this moment may still arrive."""
    theirs = Delivery.objects.filter(whose).values("pk")
    Delivery.objects.owed().filter(pk__in=theirs).close(Delivery.State.SUPPRESSED, "The person has left.")
