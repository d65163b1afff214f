"""What becomes of listings and shares when an agency gets a new name, leaves a network, or is followed by others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from directory import search
from directory.access import Access
from directory.models import ASSURED_FOR, Listing, Share
from network.above import Thing
from network.models import Agency, Membership, Network


def things(agency: Agency, reader: Any) -> list[Thing]:
    """The agency's listings that this reader may see."""
    rows = Listing.objects.visible_to(reader).filter(agency=agency).order_by("name", "id")
    return [Thing(row.pk, row.name, Access(row.access).label) for row in rows]


def assured(agencies: Collection[UUID]) -> set[UUID]:
    """The agencies with a listing that was confirmed right within the last quarter."""
    fresh = Listing.objects.filter(agency__in=agencies, assured_on__gte=timezone.localdate() - ASSURED_FOR)
    return set(fresh.values_list("agency", flat=True))


def reindex(agency: Agency) -> None:
    """Put the agency's names into the words that its listings are found by."""
    search.index(agency.listings.all())


def part(agency: Agency, network: Network, at: dt.datetime | None) -> None:
    """End, at a moment or now, the shares between an agency and a network it leaves, and between it and the agencies
    with which it has no other network in common."""
    others = _only_here(agency, network)
    given = Q(listing__agency=agency) & (Q(network=network) | Q(agency__in=others))
    taken = Q(agency=agency, listing__agency__in=others)
    _end(Share.objects.filter(given | taken), at)


def follow(old: Agency, heirs: Sequence[Agency], things: Mapping[str, Agency]) -> None:
    """Hand an agency's listings to its heirs, each to the one chosen, else to the first, and what was shared with it to
    the first. A listing keeps its access and its shares; one shared with an heir that now keeps it needs no share."""
    listings = list(old.listings.all())
    for listing in listings:
        listing.agency = things.get(str(listing.pk), heirs[0])
    Listing.objects.bulk_update(listings, ["agency"], batch_size=500)
    with_old = Share.objects.unended().filter(agency=old)
    with_heir = Share.objects.unended().filter(agency=heirs[0]).values("listing")
    needless = Q(listing__agency=heirs[0]) | Q(listing__in=with_heir)
    _end(with_old.filter(needless), None)
    Share.objects.unended().filter(agency=old).update(agency=heirs[0])
    for heir in heirs:
        _end(Share.objects.filter(agency=heir, listing__agency=heir), None)
        search.index(heir.listings.all())


def _only_here(agency: Agency, network: Network) -> QuerySet[Any]:
    """The agencies of the network that are in no other open network with this one."""
    open_rows = Membership.objects.filter(Q(until_at=None) | Q(until_at__gt=Now()), from_at__isnull=False)
    elsewhere = open_rows.filter(agency=agency).exclude(network=network).values("network")
    there = open_rows.filter(network=network).exclude(agency=agency).values("agency")
    return there.exclude(agency__in=open_rows.filter(network__in=elsewhere).values("agency"))


def _end(shares: QuerySet[Share], at: dt.datetime | None) -> None:
    moment = at or Now()
    shares.filter(Q(until_at=None) | Q(until_at__gt=moment)).update(until_at=moment)
