"""Who could see a listing between two moments, and what the trail has of who did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import Q

from directory import past, viewings
from directory.access import Access
from directory.explaining import NOT_TOLD, Words
from directory.models import Listing, Share
from directory.reasons import Facts, facts_of, why
from network import grants, sight, standing
from network.models import Agreement, Appointment, Membership, Signature
from network.sight import Seer
from network.standing import Standing
from network.telling import Line, lines
from network.visibility import LEADS, Role

MOST_MOMENTS = 60
TOO_MUCH = "Too much changed between these dates to work it out at once. Choose dates that are closer together."
PARTLY = "For some of this time the audit trail does not say who could see it. That time is left out below."


@dataclass(frozen=True)
class Between:
    """Who could, each once and by their first way in, and who was shown what is kept closed. `silence` says what is
    missing."""

    could: list[Seer]
    did: list[viewings.Viewing]
    open_to_all: bool
    silence: str

    @property
    def lines(self) -> list[Line]:
        """Those who could, as a page shows them."""
        return list(lines(self.could))


def between(listing: Listing, since: dt.datetime, until: dt.datetime, *, by: Any) -> Between:
    """Who could and who did. People only ever begin to see something at the beginning of something else, so it is
    enough to look at the first moment and at each beginning; where there are too many, it says so."""
    did = showings(listing, since, until, by)
    history = past.history(listing)
    moments = _moments(listing, history, since, until)
    if len(moments) > MOST_MOMENTS:
        return Between([], did, open_to_all=False, silence=TOO_MUCH)
    inside = listing.agency_id in standing.of(by).agencies(*LEADS)
    known, places = sight.known_to(by), sight.nobody()
    could: dict[UUID, Seer] = {}
    partly = open_to_all = False
    for at in moments:
        facts = _facts(listing, history, at, inside=inside)
        partly |= facts is None and not history.is_before(at)
        if facts is None:
            continue
        open_to_all |= facts.access == Access.PUBLIC
        could.update(_seers(Words(sight.people(places, at=at), known, facts, inside), but=could))
    silence = (PARTLY if could or open_to_all else NOT_TOLD) if partly else ""
    return Between(sight.ordered(could.values()), did, open_to_all, silence)


def showings(listing: Listing, since: dt.datetime, until: dt.datetime, by: Any) -> list[viewings.Viewing]:
    """Who was shown a mobile number or the safe place, the newest first, as far as the asker may know."""
    found = viewings.entries(by).filter(details__listing=str(listing.pk), at__gte=since, at__lte=until)
    return viewings.told(by, found[: viewings.MOST])


def _facts(listing: Listing, history: past.History, at: dt.datetime, *, inside: bool) -> Facts | None:
    access = None if history.is_before(at) else history.access(at)
    if access is None or (access == Access.CONCEALED and not inside):
        return None
    return replace(facts_of([listing], at=at)[listing.pk], access=access)


def _seers(words: Words, *, but: Collection[UUID]) -> Iterator[tuple[UUID, Seer]]:
    """Who could, of those who could not before."""
    if words.facts.access == Access.PUBLIC:
        return
    for person in words.everyone.people:
        if person in but:
            continue
        here: Standing = words.everyone.of(person)
        seer = sight.seer(person, words.reasons(why(words.facts, here)), words.everyone, words.known)
        if seer:
            yield person, seer


def _moments(listing: Listing, history: past.History, since: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
    """The first moment, and each at which somebody may have begun to see it. Seven queries."""
    networks = set(Membership.objects.filter(agency=listing.agency_id).values_list("network", flat=True))
    shares = Share.objects.filter(listing=listing)
    networks |= {network for network in shares.values_list("network", flat=True) if network}
    agencies = Q(agency__memberships__network__in=networks) | Q(agency__shared_with_it__listing=listing)
    concerned = agencies | Q(network__in=networks) | Q(role=Role.NATIONAL) | Q(agency=listing.agency_id)
    begun = [
        Appointment.objects.filter(concerned).values_list("from_at", flat=True),
        Membership.objects.filter(network__in=networks).values_list("from_at", flat=True),
        Agreement.objects.filter(network__in=networks).values_list("from_at", flat=True),
        Signature.objects.filter(agreement__network__in=networks).values_list("signed_at", flat=True),
        shares.values_list("accepted_at", flat=True),
        grants.ever(listing).values_list("given_at", flat=True),
        history.changes(since, until),
    ]
    return sorted({since, *(at for rows in begun for at in rows if at and since < at <= until)})
