"""Somebody leaves: what they hold in a place, what ends with them there, and what a successor takes over.

This floor does its own part and asks the modules of `settings.LEAVING` for theirs, because imports go down only. All of
it happens in the transaction of the action that calls, without any worker.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from importlib import import_module
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Q
from django.db.models.functions import Greatest, Now

from accounts.models import User
from network import appointing, letters
from network.appointing import Place, scope
from network.dates import in_force
from network.models import Agency, ApiKey, Appointment, Handover, Invitation, Letter


class Held(NamedTuple):
    """So many of something that a person holds in a place, as far as the reader may know of it.

    `then` says what becomes of it: in words, because it differs. `url` is where they are shown; empty where nowhere.
    """

    label: str
    number: int
    then: str
    url: str = ""


def held(person: User, place: Place, reader: User) -> list[Held]:
    """What this person holds there, kind by kind, kinds without any left out. What the reader may not see is not
    counted: a number must not tell of a concealed listing."""
    own = [_duties(person, place), _keys(person, place)]
    above = [row for ask in _asked("held") for row in ask(person, place, reader)]
    return [row for row in [*own, *above] if row.number]


def let_go(person: User, place: Place) -> None:
    """The last appointment of this person there has ended: so do cover for them, their keys and the invitations they
    sent there; and above, queued messages, grants and places on courses."""
    Appointment.objects.filter(appointing.not_over(), covers=person, **scope(place)).update(until_at=_at_once())
    if isinstance(place, Agency):
        ApiKey.objects.filter(owner=person, agency=place, ended_at=None).update(ended_at=Now())
    _end_invitations(Q(invited_by=person, **scope(place)))
    for end in _asked("let_go"):
        end(person, place)


def hand_over(leaver: User, successor: User, place: Place) -> dict[str, int]:
    """What moved to the successor, by kind. They have the roles already; nothing is taken beyond these."""
    return {kind: count for move in _asked("hand_over") for kind, count in move(leaver, successor, place).items()}


def end_with_person(person: User, by: User) -> None:  # noqa: ARG001  every function of this list is told
    """The account closes: every appointment ends, every key, the invitations the person sent or still waited for a yes
    from, and what was to be handed over to them goes back to who asked."""
    alone = agencies_without_lead_but_for(person)
    rows = Appointment.objects.filter(appointing.not_over(), person=person)
    for appointment in rows.select_related("agency", "network"):
        end_at_once(appointment)
    Appointment.objects.filter(appointing.not_over(), covers=person).update(until_at=_at_once())
    ApiKey.objects.filter(owner=person, ended_at=None).update(ended_at=Now())
    _end_invitations(Q(invited_by=person) | Q(approved_by=person) | Q(email__iexact=person.email))
    for handover in Handover.objects.open().filter(successor=person):
        give_back(handover, person)
    for agency in alone:
        tell_coordinators(agency)


def end_with_address(person: User, old: str) -> None:  # noqa: ARG001  every function of this list is told
    """The account goes by another address: invitations sent to the old one open nothing any more. Whoever reads that
    mailbox now is not to come in by them."""
    _end_invitations(Q(email__iexact=old))


def end_at_once(appointment: Appointment) -> None:
    """End it now; one that was to come never begins."""
    Appointment.objects.filter(pk=appointment.pk).update(until_at=_at_once())


def may_take_back(handover: Handover, by: User) -> bool:
    """Who asked, and who may end what members of that place hold."""
    return handover.asked_by_id == by.pk or appointing.may_confirm(by, handover.place)


def give_back(handover: Handover, by: User, reason: str = "") -> None:
    """The handover is over without having been accepted, and who asked is told unless it was they who ended it."""
    Handover.objects.open().filter(pk=handover.pk).update(ended_at=Now(), ended_by=by, end_reason=reason)
    if by.pk != handover.asked_by_id:
        letters.owe(Letter.Kind.DECLINED, person_id=handover.asked_by_id, handover=handover)


def has_lead(agency: Agency, *, but: UUID | None = None, after: dt.datetime | None = None) -> bool:
    """Whether the agency has a lead or deputy now, beside this person, who still is one after this moment. Who only
    stands in for somebody away does not count."""
    leads = Appointment.objects.live().filter(agency=agency, role__in=Appointment.LEAD_ROLES, covers=None)
    return leads.filter(Q(until_at=None) | Q(until_at__gt=after or Now())).exclude(person=but).exists()


def agencies_without_lead_but_for(person: User) -> list[Agency]:
    """The agencies that lose their last lead with this person."""
    led = Appointment.objects.filter(in_force(), person=person, role__in=Appointment.LEAD_ROLES, covers=None)
    agencies = Agency.objects.filter(pk__in=led.values("agency"))
    return [agency for agency in agencies if not has_lead(agency, but=person.pk)]


def tell_coordinators(agency: Agency) -> None:
    """Owe the coordinators of the agency's networks a letter: it has no lead any more."""
    networks = agency.memberships.filter(until_at=None).values("network")
    told = Appointment.objects.live().filter(role=Appointment.Role.COORDINATOR, network__in=networks)
    for person in set(told.values_list("person", flat=True)):
        letters.owe(Letter.Kind.NO_LEAD, person_id=person, agency=agency)


def _duties(person: User, place: Place) -> Held:
    found = appointing.current(person, place).count()
    return Held("Roles", found, "Pass to the successor, as far as who asks may give them")


def _keys(person: User, place: Place) -> Held:
    live = ApiKey.objects.live().filter(owner=person, agency=place) if isinstance(place, Agency) else None
    count = live.count() if live is not None else 0
    return Held("API keys", count, "End with their owner. The successor can issue new ones")


def _end_invitations(which: Q) -> None:
    ended = Invitation.objects.filter(which, accepted_at=None, ended_at=None)
    letters.drop(Letter.objects.filter(invitation__in=ended.values("pk")))
    ended.update(ended_at=Now())


def _at_once() -> Any:
    return Greatest(Now(), "from_at")


def _asked(name: str) -> Iterator[Any]:
    for path in settings.LEAVING:
        found = getattr(import_module(path), name, None)
        if found is not None:
            yield found
