"""Somebody leaves: their places on sessions to come are free for others at once.

A place belongs to a person, so it is not handed over: the successor books one like anybody else, among the first to
know that it is free.
"""

from __future__ import annotations

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import User
from network.appointing import Place
from network.leaving import Held
from network.models import Agency
from training.models import Booking, Session


def held(person: User, place: Place, reader: User) -> list[Held]:
    """Their places on sessions to come, as far as the reader may know of the bookings."""
    seen = Booking.objects.visible_to(reader).filter(pk__in=_places(person, place).values("pk")).count()
    then = "Are given back, for others to book. The successor can book one"
    return [Held("Places on training", seen, then, reverse("training:sessions"))]


def let_go(person: User, place: Place) -> None:
    """The places they booked as somebody of this agency or network."""
    _give_back(_places(person, place))


def end_with_person(person: User, by: User) -> None:  # noqa: ARG001  every function of this list is told
    """All their places."""
    _give_back(_to_come(Q(person=person)))


def _places(person: User, place: Place) -> QuerySet[Booking]:
    there = Q(agency=place) if isinstance(place, Agency) else Q(agency=None, session__course__network=place)
    return _to_come(Q(there, person=person))


def _to_come(whose: Q) -> QuerySet[Booking]:
    return Booking.objects.held().filter(whose, session__starts_at__gt=Now())


def _give_back(places: QuerySet[Booking]) -> None:
    """Counted down by as many as were cancelled here: somebody may give up their place at the same time."""
    for pk, session in list(places.values_list("pk", "session")):
        if Booking.objects.held().filter(pk=pk).update(cancelled_at=Now()):
            Session.objects.filter(pk=session).update(places_taken=F("places_taken") - 1)
