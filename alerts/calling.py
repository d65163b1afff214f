"""The call list: the agencies that have not acknowledged an alert, and the numbers to reach them by, as far as whoever
calls sees them in the directory. No mobile number and nothing concealed is on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import OuterRef, Q, QuerySet, Subquery

from alerts.climbing import unanswered
from alerts.models import Alert, Call, Step
from directory.access import Access
from directory.models import Contact, Mobile
from network.models import Agency, Appointment
from network.standing import Standing
from network.visibility import LEADS, Role


class Number(NamedTuple):
    """A telephone number, and what it is the number of."""

    words: str
    number: str


@dataclass
class Line:
    """One agency to call: since when, who leads it, its own numbers and those of its contacts, and who called so far,
    the last first. `mobiles` are the listings where a mobile number can be asked for."""

    agency: Agency
    since: dt.datetime
    leads: list[str] = field(default_factory=list)
    numbers: list[Number] = field(default_factory=list)
    contacts: list[Number] = field(default_factory=list)
    mobiles: list[tuple[UUID, str]] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    @property
    def last(self) -> Call | None:
        """The last call that was not taken back."""
        return next((call for call in self.calls if not call.taken_back_at), None)


def listed(reader: Any) -> QuerySet[Step]:
    """The steps onto the call list that still stand, of the alerts whose progress the reader may know."""
    holding = Alert.objects.standing().order_by().values("pk")
    return Step.objects.visible_to(reader).filter(unanswered(), kind=Step.Kind.CALL, alert__in=holding)


def lines(alert: Alert, reader: Any) -> list[Line]:
    """The call list of an alert, by the agencies' names. The same few queries for any number of agencies."""
    since = dict(listed(reader).filter(alert=alert).values_list("agency", "at"))
    agencies = Agency.objects.visible_to(reader).filter(pk__in=since).order_by("name", "pk")
    found = {agency.pk: Line(agency, since[agency.pk]) for agency in agencies}
    for line in found.values():
        line.numbers += _own_numbers(line.agency)
    for appointment in _leads(found, reader):
        who = f"{appointment.person.name}, {appointment.get_role_display().lower()}"
        found[appointment.agency_id].leads.append(who)  # type: ignore[index]
    for contact in _contacts(found, reader):
        words = ", ".join(part for part in (contact.listing.name, contact.function, contact.officer) if part)
        found[contact.listing.agency_id].contacts.append(Number(words, contact.phone))
    for agency, listing, name in _mobiles(found, reader):
        found[agency].mobiles.append((listing, name))
    for call in Call.objects.visible_to(reader).filter(alert=alert, agency__in=found).select_related("by"):
        found[call.agency_id].calls.append(call)
    return list(found.values())


def to_call(reader: Standing) -> QuerySet[Step]:
    """Of the networks the reader coordinates, the steps onto the call list of agencies that nobody has reached yet."""
    last = Call.objects.filter(alert=OuterRef("alert"), agency=OuterRef("agency"), taken_back_at=None).order_by("-pk")
    return (
        listed(reader)
        .filter(alert__network__in=reader.networks(Role.COORDINATOR))
        .annotate(outcome=Subquery(last.values("outcome")[:1]))
        .filter(Q(outcome=None) | ~Q(outcome=Call.Outcome.REACHED))
    )


def _own_numbers(agency: Agency) -> list[Number]:
    own = (Number("Office", agency.office_phone), Number("Public number", agency.public_phone))
    return [number for number in own if number.number]


def _leads(agencies: Iterable[UUID], reader: Any) -> QuerySet[Appointment]:
    live = Appointment.objects.live().order_by().values("pk")
    mine = Appointment.objects.visible_to(reader).filter(pk__in=live, agency__in=list(agencies), role__in=LEADS)
    return mine.select_related("person").order_by("role", "person__name", "pk")


def _contacts(agencies: Iterable[UUID], reader: Any) -> QuerySet[Contact]:
    """Contacts with a number. Whoever has a grant on something concealed does not find it here either."""
    seen = Contact.objects.visible_to(reader).filter(listing__agency__in=list(agencies)).exclude(phone="")
    open_ones = seen.exclude(access=Access.CONCEALED).exclude(listing__access=Access.CONCEALED)
    return open_ones.select_related("listing").order_by("listing__name", "order", "function", "pk")


def _mobiles(agencies: Iterable[UUID], reader: Any) -> Iterable[tuple[Any, Any, str]]:
    """Where a mobile number can be asked for, which is noted: the listings, not the numbers."""
    seen = Mobile.objects.visible_to(reader).filter(contact__listing__agency__in=list(agencies))
    open_ones = seen.exclude(contact__access=Access.CONCEALED).exclude(contact__listing__access=Access.CONCEALED)
    columns = ("contact__listing__agency", "contact__listing", "contact__listing__name")
    return open_ones.order_by("contact__listing__name").values_list(*columns).distinct()
