"""What a network can show for a quarter: numbers with their definitions, never rows and never names.

Concealed listings are in no number. Kinds of charter decision stand side by side and are never added.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from statistics import median
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from audit.exports import safe_cell
from audit.visible import all_if
from charter.models import Adoption, Council
from delivery.models import Mailing, Recipient
from directory.models import ASSURED_FOR, Listing
from network import standing
from network.models import Appointment, Area, Membership, Network
from network.visibility import Role
from reports.periods import Quarter
from training.models import Booking, Session

SMALL = 5
SOON = dt.timedelta(hours=24)
READERS = (Role.COORDINATOR, Role.APPROVER, Role.REPORTS, Role.AUDITOR)
CLOSE = (Role.COORDINATOR, Role.APPROVER, Role.AUDITOR)  # these see the rows as well, so nothing is kept from them


class Figure(NamedTuple):
    """One number in words, what it counts, and out of how many it was worked out. Public ones are never held back."""

    group: str
    name: str
    text: str
    counted: int
    definition: str
    public: bool = False

    @property
    def careful(self) -> Figure:
        """The same, held back where it is about so few that people could be recognised."""
        return self if self.public or self.counted >= SMALL else self._replace(text=f"Fewer than {SMALL}")


def networks(person: User) -> QuerySet[Network]:
    """The networks whose figures this person may read."""
    here = standing.of(person)
    read = Q(pk__in=here.networks(*READERS)) | all_if(here.holds(Role.NATIONAL))
    return Network.objects.visible_to(here).filter(read)


def of(network: Network, quarter: Quarter, reader: User) -> list[Figure]:
    """All figures of this network and quarter, as this reader may know them. A fixed number of queries."""
    found = [*_reach(network, quarter), *_response(network, quarter), *_training(network, quarter)]
    found += [*_directory(network), *_charter(network)]
    here = standing.of(reader)
    close = network.pk in here.networks(*CLOSE) or here.holds(Role.NATIONAL)
    return found if close else [figure.careful for figure in found]


def as_csv(network: Network, quarter: Quarter, figures: Iterable[Figure]) -> str:
    """The figures with their definitions, safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["Network", "Quarter", "Group", "Figure", "Value", "Definition"])
    for figure in figures:
        cells = (network.name, quarter.name, figure.group, figure.name, figure.text, figure.definition)
        writer.writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()


def _count(group: str, name: str, number: int, definition: str, *, public: bool = False) -> Figure:
    return Figure(group, name, f"{number:,}", number, definition, public)


def _share(group: str, name: str, part: int, whole: int, definition: str) -> Figure:
    return Figure(group, name, f"{100 * part // whole}%" if whole else "None to count", whole, definition)


def _members(network: Network, quarter: Quarter) -> QuerySet[Membership]:
    last = min(quarter.end, timezone.now())
    still = Q(until_at=None) | Q(until_at__gte=last)
    return Membership.objects.filter(still, network=network, from_at__lt=last, suspended_at=None)


def _reach(network: Network, quarter: Quarter) -> list[Figure]:
    last = min(quarter.end, timezone.now())
    agencies = _members(network, quarter).values("agency")
    in_office = Appointment.objects.filter(
        Q(until_at=None) | Q(until_at__gte=last), agency__in=agencies, from_at__lt=last, person__is_active=True
    )
    people = in_office.aggregate(n=Count("person", distinct=True))["n"]
    areas = Area.objects.filter(kind=Area.Kind.COUNCIL, agencies__in=agencies).distinct().count()
    return [
        _count(
            "Reach", "Agencies", agencies.count(), "Members at the end of the quarter, or today if it has not ended."
        ),
        _count("Reach", "People", people, "People who speak for those agencies on that day."),
        _count(
            "Reach", "Areas covered", areas, "Council areas that at least one of those agencies covers.", public=True
        ),
    ]


def _response(network: Network, quarter: Quarter) -> list[Figure]:
    released = Mailing.objects.filter(
        network=network, kind=Mailing.Kind.ALERT, released_at__gte=quarter.start, released_at__lt=quarter.end
    )
    rows = Recipient.objects.filter(mailing__in=released.values("pk"))
    times = list(rows.values_list("person", "mailing__released_at", "acknowledged_at", "added_at"))
    waits = [answered - (added or out) for _, out, answered, added in times if answered]
    people = {person for person, _, _, _ in times}
    at_release = [(out, answered) for _, out, answered, added in times if not added]
    soon = sum(answered is not None and answered - out <= SOON for out, answered in at_release)
    return [
        _count(
            "Alerts", "Alerts released", released.count(), "Alerts that went out in the quarter, withdrawn ones too."
        ),
        _count("Alerts", "People reached", len(people), "Different people to whom at least one of them was sent."),
        Figure(
            "Alerts",
            "Median time to acknowledge",
            _time(median(wait.total_seconds() for wait in waits)) if waits else "None to count",
            len(waits),
            "Half of the acknowledgements came within this time. Each person’s answer to each alert counts once, from "
            "when they were given it.",
        ),
        _share(
            "Alerts",
            "Acknowledged within 24 hours",
            soon,
            len(at_release),
            "Of all alerts sent to each person at release, the share acknowledged by that person within 24 hours. Who "
            "was given one later, because nobody at their agency had answered, is not in it.",
        ),
    ]


def _training(network: Network, quarter: Quarter) -> list[Figure]:
    held = Session.objects.filter(
        course__network=network,
        announced_at__isnull=False,
        cancelled_at=None,
        ends_at__gte=quarter.start,
        ends_at__lt=min(quarter.end, timezone.now()),
    )
    places = Booking.objects.held().filter(session__in=held.values("pk")).count()
    return [
        _count("Training", "Sessions held", held.count(), "Sessions that ended in the quarter and were not cancelled."),
        _count("Training", "Places booked", places, "Places in those sessions that were booked and not cancelled."),
    ]


def _directory(network: Network) -> list[Figure]:
    members = Membership.objects.live().filter(network=network).values("agency")
    fresh = Q(assured_on__gte=timezone.localdate() - ASSURED_FOR)
    found = (
        Listing.objects.filter(agency__in=members)
        .exclude(access=Listing.Access.CONCEALED)
        .aggregate(all=Count("pk"), fresh=Count("pk", filter=fresh))
    )
    return [
        _count("Directory", "Listings", found["all"], "Services listed today by the network’s agencies."),
        _share(
            "Directory",
            "Listings in date",
            found["fresh"],
            found["all"],
            f"The share of them that somebody confirmed right in the last {ASSURED_FOR.days} days.",
        ),
    ]


def _charter(network: Network) -> list[Figure]:
    members = Membership.objects.live().filter(network=network).values("agency")
    councils = Council.objects.live().filter(Q(agency__in=members) | Q(police_area__networks=network)).distinct()
    current = Adoption.objects.filter(ended_at=None, council__in=councils.order_by().values("pk"))
    found = dict(current.order_by().values_list("kind").annotate(Count("pk")))
    meaning = "Councils in the network’s area today whose last recorded decision is this. Kinds are not to be added."
    return [_count("Charter", kind.label, found.get(kind.value, 0), meaning, public=True) for kind in Adoption.Kind]


def _time(seconds: float) -> str:
    minutes = int(seconds // 60)
    days, hours = minutes // 1440, minutes % 1440 // 60
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"
