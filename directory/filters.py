"""Narrowing the directory: the questions on its page, the listings they leave, and how many each answer would leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from audit.visible import all_if
from directory import opening, search
from directory.models import Listing, Term
from network import standing
from network.models import Agency, Appointment, Area, Network
from network.standing import KEY
from network.visibility import INSIDERS

Covers = Listing.areas.through
Uses = Listing.terms.through


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

    @property
    def rule(self) -> Q:
        """The listings that answer every question asked."""
        left = search.matching(self.text)
        for kind, code in ((Term.Kind.HELP, self.help), (Term.Kind.PEOPLE, self.people)):
            if code:
                term = Term.objects.filter(kind=kind, code=code).order_by().values("pk")
                left &= Q(pk__in=Uses.objects.filter(term__in=term).values("listing"))
        if self.kind:
            left &= Q(agency__in=Agency.objects.filter(kind=self.kind).order_by().values("pk"))
        if self.area:
            left &= Q(pk__in=Covers.objects.filter(area__in=near(self.area)).values("listing"))
        if self.open_now:
            left &= opening.open_now()
        if self.taking:
            left &= Q(not_taking_until=None) | Q(not_taking_until__lte=timezone.localdate())
        return left


@dataclass(frozen=True)
class Facets:
    """How many of the listings found would be left by each answer, by term or agency kind."""

    terms: Mapping[str, int] = field(default_factory=dict)
    kinds: Mapping[str, int] = field(default_factory=dict)


def facets(found: QuerySet[Listing]) -> Facets:
    """Counted among the listings found, which are visible ones, and among nothing else."""
    pks = found.order_by().values("pk")
    terms = Uses.objects.filter(listing__in=pks).values_list("term__kind", "term__code").annotate(Count("pk"))
    kinds = found.order_by().values_list("agency__kind").annotate(Count("pk"))
    return Facets({f"{kind}:{code}": count for kind, code, count in terms}, dict(kinds))


def areas_for(reader: Any) -> QuerySet[Area]:
    """The places to choose from: those the reader's networks cover, and today's places inside them."""
    here = standing.of(reader)
    own = Q(network__in=here.networks(KEY, *INSIDERS, *Appointment.NETWORK_ROLES))
    every = all_if(here.holds(*Appointment.PLATFORM_ROLES))
    covered = Network.areas.through.objects.filter(own | every).values("area")
    inside = _links().filter(to_area__in=covered).values("from_area")
    return Area.objects.filter(Q(pk__in=covered) | Q(pk__in=inside), ends_on=None).order_by("name", "kind")


def near(area: UUID) -> QuerySet[Any]:
    """IDs of the area, of those it lies in, and of those that lie in it, two steps either way."""
    up = _links().filter(from_area=area).values("to_area")
    down = _links().filter(to_area=area).values("from_area")
    further = Q(pk__in=_links().filter(from_area__in=up).values("to_area"))
    deeper = Q(pk__in=_links().filter(to_area__in=down).values("from_area"))
    return Area.objects.filter(Q(pk=area) | Q(pk__in=up) | Q(pk__in=down) | further | deeper).order_by().values("pk")


def _links() -> QuerySet[Any]:
    return Area.within.through.objects.all()
