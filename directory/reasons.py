"""Why somebody can see a listing or a contact: the rule of `directory/rules.py`, read a second time, in Python.

The rule answers for one reader about all rows. This answers for all readers about one row, and says by which way each
comes in. Both must always agree, person for person: `tests/directory/test_reasons.py` compares them in made-up worlds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from directory.access import Access
from directory.models import Contact, Listing, ListingGrant, Mobile, SafePlaceGrant, Share
from directory.rules import MAY_NEED_TO_KNOW
from network import grants
from network.dates import Moment, member
from network.models import ApiKey, Membership
from network.standing import KEY, Seat, Standing
from network.visibility import INSIDERS, LEADS, RUNNERS, STAFF, Role

SECRETIVE = frozenset({Access.RESTRICTED, Access.CONCEALED})


class By(StrEnum):
    """The ways in, best first."""

    SELF = "self"
    OWN = "own"
    GRANT = "grant"
    SHARE = "share"
    NETWORK = "network"
    RUN = "run"
    NATION = "nation"
    ALL = "all"


class Way(NamedTuple):
    """One way in: by what, the role that opens it, and the share or the grant where there is one."""

    by: By
    seat: Seat | None = None
    row: Any = None


@dataclass(frozen=True)
class Facts:
    """What decides who sees a listing: whose it is, its access, the networks its agency is a live member of, the shares
    and the grants that count."""

    agency: UUID
    access: str
    networks: frozenset[UUID] = frozenset()
    shares: tuple[Share, ...] = ()
    grants: tuple[ListingGrant, ...] = ()

    @property
    def open_shares(self) -> tuple[Share, ...]:
        """Only a restricted listing is shared, and only by a live member of a network."""
        return self.shares if self.access == Access.RESTRICTED and self.networks else ()


def facts_of(listings: Iterable[Listing], *, at: Moment = None) -> dict[UUID, Facts]:
    """The facts of each of these listings by its ID, now or at a past moment, but for the access, which is today's:
    `directory.past` knows what it was. Three queries."""
    rows = {listing.pk: listing for listing in listings}
    belongs: dict[UUID, set[UUID]] = {}
    agencies = {listing.agency_id for listing in rows.values()}
    for agency, network in Membership.objects.filter(member(at=at), agency__in=agencies).values_list(
        "agency", "network"
    ):
        belongs.setdefault(agency, set()).add(network)
    shares, granted = _by_listing(_shares(rows, at), "listing_id"), _by_listing(_grants(rows, at), "content_object_id")
    return {
        pk: Facts(
            listing.agency_id,
            listing.access,
            frozenset(belongs.get(listing.agency_id, ())),
            shares.get(pk, ()),
            granted.get(pk, ()),
        )
        for pk, listing in rows.items()
    }


def why(facts: Facts, here: Standing, access: str = "") -> list[Way]:
    """The ways by which who stands here can see the listing, or what hangs on it and has an access of its own; none
    when they cannot."""
    access = access or facts.access
    if access != Access.PUBLIC and here.key and ApiKey.Scope.DIRECTORY not in here.key.scopes:
        return []
    return list(dict.fromkeys(WAYS[access](facts, here)))


def why_contact(facts: Facts, contact: Contact, here: Standing) -> list[Way]:
    """The same for a contact of the listing: both have to be open, and it is told by the stricter. A named officer's is
    only for those who may know one; a national coordinator has to confirm first that it is them."""
    ways, own = why(facts, here), why(facts, here, contact.access)
    if not ways or not own or (contact.officer and not _knows_officers(facts, here)):
        return []
    return own if contact.access in Access(facts.access).as_strict else ways


def why_mobile(facts: Facts, mobile: Mobile, here: Standing) -> list[Way]:
    """Why somebody may ask for a mobile number: of those who see its contact, the person, the agency's people, the
    network's coordinators, its people while the number is on call, and the nation."""
    if here.person is None or not why_contact(facts, mobile.contact, here):
        return []
    ways = [Way(By.SELF)] if mobile.person_id == here.person else []
    on_call = {*INSIDERS, Role.APPROVER} if mobile.on_call else set()
    for seat in here.rows:
        if seat.agency == facts.agency and seat.role in INSIDERS:
            ways.append(_own(seat))
        elif seat.network in facts.networks and seat.role in {Role.COORDINATOR, *on_call}:
            ways.append(Way(By.NETWORK if seat.agency else By.RUN, seat))
        elif seat.role == Role.NATIONAL:
            ways.append(Way(By.NATION, seat))
    return list(dict.fromkeys(ways))


def why_safe_place(facts: Facts, given: Iterable[SafePlaceGrant], here: Standing) -> list[Way]:
    """Why somebody may ask to be shown a safe place: of those who see its listing, the agency's leads and those with a
    grant on the place itself."""
    if here.person is None or facts.access not in SECRETIVE or not why(facts, here):
        return []
    led = [_own(seat) for seat in here.rows if seat.agency == facts.agency and seat.role in LEADS]
    return list(dict.fromkeys([*led, *_granted(given, here)]))


def _public(_facts: Facts, _here: Standing) -> Iterator[Way]:
    yield Way(By.ALL)


def _network(facts: Facts, here: Standing) -> Iterator[Way]:
    for seat in here.rows:
        if seat.role in INSIDERS and seat.agency == facts.agency:
            yield _own(seat)
        elif seat.network in facts.networks and seat.role in {KEY, *INSIDERS}:
            yield Way(By.NETWORK, seat)
        elif seat.network in facts.networks and seat.role in {*RUNNERS, Role.AUDITOR}:
            yield Way(By.RUN, seat)
        elif seat.role == Role.NATIONAL:
            yield Way(By.NATION, seat)


def _restricted(facts: Facts, here: Standing) -> Iterator[Way]:
    for seat in here.rows:
        if seat.role in STAFF and seat.agency == facts.agency:
            yield _own(seat)
        elif seat.role in {Role.COORDINATOR, Role.AUDITOR} and seat.network in facts.networks:
            yield Way(By.RUN, seat)
        elif seat.role == Role.NATIONAL:
            yield Way(By.NATION, seat)
        yield from (Way(By.SHARE, seat, share) for share in facts.open_shares if _opens(share, seat))


def _concealed(facts: Facts, here: Standing) -> Iterator[Way]:
    if here.person is None:
        return
    for seat in here.rows:
        if seat.role in STAFF and seat.agency == facts.agency:
            yield _own(seat)
    yield from _granted(facts.grants, here)


def _granted(given: Iterable[ListingGrant | SafePlaceGrant], here: Standing) -> Iterator[Way]:
    needing = [seat for seat in here.rows if seat.agreed and seat.role in MAY_NEED_TO_KNOW]
    yield from (Way(By.GRANT, needing[0], grant) for grant in given if needing and grant.user_id == here.person)


def _own(seat: Seat) -> Way:
    """A role in the agency itself: which network it also reaches makes no difference."""
    return Way(By.OWN, Seat(seat.role, seat.agency, None, agreed=True))


def _opens(share: Share, seat: Seat) -> bool:
    """Whether the share is with the agency or the network of this role, and an agreement is signed."""
    if not seat.agreed:
        return False
    if share.agency_id:
        return seat.agency == share.agency_id and seat.role in {KEY, *INSIDERS}
    return seat.network == share.network_id and seat.role in {KEY, *INSIDERS, *RUNNERS}


def _knows_officers(facts: Facts, here: Standing) -> bool:
    scoped = here.key is not None and ApiKey.Scope.CONTACTS in here.key.scopes
    inside = {*INSIDERS, *RUNNERS, *([KEY] if scoped else [])}
    return any(
        (seat.network in facts.networks and seat.role in inside)
        or (seat.agency == facts.agency and seat.role in INSIDERS)
        or seat.role == Role.NATIONAL
        for seat in here.rows
    )


def _shares(listings: Iterable[UUID], at: Moment) -> Iterable[Share]:
    rows = Share.objects.select_related("agency", "network", "accepted_by").filter(listing__in=list(listings))
    return rows.filter(Q(until_at=None) | Q(until_at__gt=at or Now()), accepted_at__lte=at or Now())


def _grants(listings: Iterable[UUID], at: Moment) -> Iterable[ListingGrant]:
    rows = grants.live(Listing, at=at).select_related("given_by").filter(content_object__in=list(listings))
    return rows.order_by("pk")


def _by_listing(rows: Iterable[Any], column: str) -> dict[UUID, tuple[Any, ...]]:
    grouped: dict[UUID, tuple[Any, ...]] = {}
    for row in rows:
        grouped[getattr(row, column)] = (*grouped.get(getattr(row, column), ()), row)
    return grouped


WAYS: dict[str, Callable[[Facts, Standing], Iterator[Way]]] = {
    Access.PUBLIC: _public,
    Access.NETWORK: _network,
    Access.RESTRICTED: _restricted,
    Access.CONCEALED: _concealed,
}
