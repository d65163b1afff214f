"""Narrowing the directory: the questions on its page, the listings they leave, and how many each answer would leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, UUIDField
from django.utils import timezone

from directory import search
from directory.models import Term
from network import standing
from network.models import Appointment, Area
from network.standing import KEY
from network.visibility import INSIDERS

USES = """l.id IN (
    SELECT w.listing_id FROM directory_listing_terms w JOIN directory_term t ON t.id = w.term_id
    WHERE t.kind = '{kind}' AND t.code = %({kind})s)"""
COVERS = "l.id IN (SELECT w.listing_id FROM directory_listing_areas w WHERE w.area_id IN ({areas}))"
OF_KIND = "l.agency_id IN (SELECT w.id FROM network_agency w WHERE w.kind = %(kind)s)"
OPEN = """l.id IN (
    SELECT w.listing_id FROM directory_openinghours w
    WHERE w.weekday = %(weekday)s AND w.opens <= %(clock)s AND (w.closes IS NULL OR w.closes > %(clock)s))"""

# By hand, like the lists: to word it through the ORM takes three times as long as to ask it.
AREAS = """WITH covered AS (SELECT area_id FROM network_network_areas {which})
    SELECT a.id, a.kind, a.name FROM network_area a WHERE a.ends_on IS NULL AND (
        a.id IN (SELECT area_id FROM covered) OR a.id IN (
            SELECT from_area_id FROM network_area_within WHERE to_area_id IN (SELECT area_id FROM covered)))
    ORDER BY a.name, a.kind"""
ID = UUIDField()


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for. Built from a form's cleaned answers only, never from the address as it came."""

    text: str = ""
    help: str = ""
    people: str = ""
    kind: str = ""
    area: UUID | None = None
    open_now: bool = False
    taking: bool = False
    agency: UUID | None = None

    @property
    def condition(self) -> tuple[str, dict[str, Any]]:
        """For `directory.reading`, whose `l` is the listing: the listings that answer every question asked, in SQL with
        the values by name."""
        found, named = search.condition(self.text)
        parts = [found] if found else []
        for kind, code in ((Term.Kind.HELP, self.help), (Term.Kind.PEOPLE, self.people)):
            if code:
                parts.append(USES.format(kind=kind))
                named[kind] = code
        if self.kind:
            parts.append(OF_KIND)
            named["kind"] = self.kind
        if self.agency:
            parts.append("l.agency_id = %(agency)s")
            named["agency"] = self.agency
        if self.area:
            areas = {f"area{n}": pk for n, pk in enumerate(near(self.area))}
            parts.append(COVERS.format(areas=", ".join(f"%({name})s" for name in areas) or "NULL"))
            named |= areas
        if self.open_now:
            now = timezone.localtime()
            parts.append(OPEN)
            named |= {"weekday": now.weekday(), "clock": now.time()}
        if self.taking:
            parts.append("(l.not_taking_until IS NULL OR l.not_taking_until <= %(today)s)")
            named["today"] = timezone.localdate()
        return "".join(f" AND {part}" for part in parts), named


@dataclass(frozen=True)
class Counts:
    """How many listings were found, and how many each further answer would leave, by term or agency kind; of more than
    are counted nothing is said by answer."""

    total: int
    terms: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)


def areas_for(reader: Any) -> list[Area]:
    """The places to choose from: those the reader's networks cover, and today's places inside them. One query."""
    here = standing.of(reader)
    networks = here.networks(KEY, *INSIDERS, *Appointment.NETWORK_ROLES)
    if here.holds(*Appointment.PLATFORM_ROLES):
        return list(Area.objects.raw(AREAS.format(which="")))
    which = f"WHERE network_id IN ({', '.join('%s' for _ in networks) or 'NULL'})"
    prepared = [ID.get_db_prep_value(network, connection) for network in networks]
    return list(Area.objects.raw(AREAS.format(which=which), prepared))


def near(area: UUID) -> QuerySet[Any]:
    """IDs of the area, of those it lies in, and of those that lie in it, two steps either way."""
    up = _links().filter(from_area=area).values("to_area")
    down = _links().filter(to_area=area).values("from_area")
    further = Q(pk__in=_links().filter(from_area__in=up).values("to_area"))
    deeper = Q(pk__in=_links().filter(to_area__in=down).values("from_area"))
    return (
        Area.objects.filter(Q(pk=area) | Q(pk__in=up) | Q(pk__in=down) | further | deeper)
        .order_by()
        .values_list("pk", flat=True)
    )


def _links() -> QuerySet[Any]:
    return Area.within.through.objects.all()
