"""Before something changes: who would gain sight of what, and who would lose it. Nothing is written to find out.

Who sees one listing is worked out by its reasons, with the changed facts. What one person sees is worked out by the
rule itself, with the changed standing. Both are told only as far as the one who asks may hear.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from django.db.models import Count
from django.utils import timezone

from accounts.ids import uuid7
from accounts.models import User
from directory.access import Access
from directory.explaining import Words
from directory.models import Contact, Listing, Share
from directory.reasons import Facts, Way, facts_of, why, why_contact
from network import sight, standing
from network.models import Agency, Membership, Network
from network.sight import Answer, Seer
from network.standing import Seat, Standing
from network.visibility import LEADS, STAFF

NAMED = 12  # names in one place before “and 4 others”
PLACES = 8  # places before “and elsewhere”


class Party(NamedTuple):
    """People of one place: how many, the names that may be told and fit, and how many others."""

    place: str
    people: int
    names: tuple[str, ...]
    others: int


@dataclass(frozen=True)
class Side:
    """Those who gain sight of it, or lose it. `is_everyone` stands for all who may sign in but those who keep it."""

    seers: tuple[Seer, ...] = ()
    is_everyone: bool = False

    @property
    def count(self) -> int:
        """How many people."""
        return len(self.seers)

    @property
    def parties(self) -> list[Party]:
        """The people by place, the first places only."""
        grouped = itertools.groupby(self.seers, key=lambda seer: seer.place)
        return [_party(place, list(seers)) for place, seers in itertools.islice(grouped, PLACES)]

    @property
    def elsewhere(self) -> int:
        """How many people are in the places that `parties` leaves out."""
        return self.count - sum(party.people for party in self.parties)


@dataclass(frozen=True)
class Change:
    """Who gains sight of a listing, and who loses it."""

    gains: Side
    loses: Side

    @property
    def is_nothing(self) -> bool:
        """Whether everybody keeps what they have."""
        return not any((self.gains.count, self.gains.is_everyone, self.loses.count, self.loses.is_everyone))


def preview(
    listing: Listing,
    *,
    by: Any,
    access: str | None = None,
    share_with: Agency | Network | None = None,
    end_share: Share | None = None,
) -> Change:
    """Who gains and who loses if the listing had this access, if a share with this agency or network were accepted, or
    if this share ended. About fifteen queries. Ask first whether the person may make the change."""
    return previews(listing, by=by, changes=[_changed(access, share_with, end_share)])[0]


def preview_each(listing: Listing, accesses: Sequence[str], *, by: Any) -> list[tuple[Access, Change]]:
    """The change that each of these accesses would make; as many queries as for one."""
    found = previews(listing, by=by, changes=[_changed(access, None, None) for access in accesses])
    return [(Access(access), change) for access, change in zip(accesses, found, strict=True)]


def preview_contact(contact: Contact, access: str, *, by: Any) -> Change:
    """Who gains and who loses if the contact had this access."""
    after = Contact(listing=contact.listing, officer=contact.officer, access=access)
    facts, words = _facts(contact.listing, by)
    return _compare(words, lambda here: why_contact(facts, contact, here), lambda here: why_contact(facts, after, here))


def previews(listing: Listing, *, by: Any, changes: list[Callable[[Facts], Facts]]) -> list[Change]:
    """What each of some changes to the facts of a listing would do."""
    facts, words = _facts(listing, by)
    return [_listing_change(words, facts, change(facts)) for change in changes]


def _listing_change(words: Words, before: Facts, after: Facts) -> Change:
    return _compare(replace(words, facts=after), lambda here: why(before, here), lambda here: why(after, here))


def _compare(words: Words, before: Callable[[Standing], list[Way]], after: Callable[[Standing], list[Way]]) -> Change:
    nobody = Standing()
    was_open, is_open = bool(before(nobody)), bool(after(nobody))
    if was_open or is_open:
        return Change(Side(is_everyone=is_open and not was_open), Side(is_everyone=was_open and not is_open))

    def only(first: Callable[[Standing], list[Way]], second: Callable[[Standing], list[Way]]) -> Answer:
        def reasons(here: Standing) -> list[sight.Reason]:
            return words.reasons(first(here)) if not second(here) else []

        return sight.answer(reasons, words.everyone, words.known, others=False)

    return Change(Side(tuple(only(after, before).seers)), Side(tuple(only(before, after).seers)))


def _facts(listing: Listing, by: Any) -> tuple[Facts, Words]:
    here, facts = standing.of(by), facts_of([listing])[listing.pk]
    inside = listing.agency_id in here.agencies(*LEADS)
    return facts, Words(sight.everyone(), sight.known_to(by), facts, inside)


def _changed(access: str | None, share_with: Any, end_share: Share | None) -> Callable[[Facts], Facts]:
    def changed(facts: Facts) -> Facts:
        shares = tuple(share for share in facts.shares if end_share is None or share.pk != end_share.pk)
        if share_with is not None:
            shares = (*shares, _as_if_shared(share_with))
        return replace(facts, access=access or facts.access, shares=shares)

    return changed


def _as_if_shared(place: Agency | Network) -> Share:
    column = "agency" if isinstance(place, Agency) else "network"
    return Share(accepted_at=timezone.now(), **{column: place})


def _party(place: str, seers: list[Seer]) -> Party:
    names = [seer.name for seer in seers if seer.name][:NAMED]
    return Party(place, len(seers), tuple(names), len(seers) - len(names))


# ── A role ────────────────────────────────────────────────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class RoleChange:
    """How many listings of each access a person gains or loses sight of, of those that the asker can see."""

    gains: tuple[tuple[str, int], ...]
    loses: tuple[tuple[str, int], ...]

    @property
    def is_nothing(self) -> bool:
        """Whether no listing that the asker can see is concerned."""
        return not (self.gains or self.loses)


def preview_role(
    person: User | None, role: str, place: Agency | Network | None, *, by: Any, adding: bool = True
) -> RoleChange:
    """What a person (None: somebody new) gains with this role in this place, or loses without it. In an agency member,
    lead and deputy take each other's place. Ask first whether the asker may give or end the role."""
    before = standing.of(person) if person else Standing(uuid7())
    kept = tuple(row for row in before.rows if not _gives_way(row, role, place, replaced=adding))
    after = replace(before, rows=(*kept, *_seats(role, place)) if adding else kept)
    return RoleChange(_only(after, before, by), _only(before, after, by))


def _seats(role: str, place: Agency | Network | None) -> list[Seat]:
    """What an appointment to this role would give, now."""
    if isinstance(place, Network):
        return [Seat(role, None, place.pk, agreed=True)]
    if place is None:
        return [Seat(role, None, None, agreed=True)]
    networks = Membership.objects.live().filter(agency=place).values_list("network", flat=True)
    return [
        Seat(role, place.pk, network, agreed=standing.signatories_of(network).filter(agency=place).exists())
        for network in networks
    ] or [Seat(role, place.pk, None, agreed=False)]


def _gives_way(row: Seat, role: str, place: Agency | Network | None, *, replaced: bool) -> bool:
    """Whether it is of this very role, or of one in the same agency whose place the role takes."""
    if isinstance(place, Agency):
        return row.agency == place.pk and (row.role == role or (replaced and {row.role, role} <= set(STAFF)))
    here = row.agency is None and row.network == (place.pk if place else None)
    return here and row.role == role


def _only(there: Standing, not_there: Standing, by: Any) -> tuple[tuple[str, int], ...]:
    """How many listings the one standing opens and the other does not, by access, of those the asker can see."""
    rows = Listing.objects.visible_to(by).filter(Listing.seen_by(there)).filter(~Listing.seen_by(not_there))
    counts = dict(rows.order_by().values_list("access").annotate(number=Count("pk")))
    return tuple((access.label, counts[access.value]) for access in Access if access.value in counts)
