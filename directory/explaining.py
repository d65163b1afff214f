"""Who can see a listing or a contact, and why, in words: as far as the one who asks may hear them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from accounts.dates import written
from directory import past
from directory.access import Access
from directory.models import Contact, Listing
from directory.reasons import By, Facts, Way, facts_of, why, why_contact
from django.template.defaultfilters import date as formatted
from django.utils import timezone
from network import roles, sight, standing
from network.dates import Moment
from network.sight import Answer, Everyone, Known, Reason
from network.visibility import LEADS

NOT_YET = "This listing did not exist yet."
NOT_TOLD = (
    "Lantern cannot tell. The audit trail does not say who could see this listing then, and this page does not guess."
)
CONTACTS_NOW = (
    "Lantern cannot tell. The audit trail does not keep when a contact was made more private than its listing, "
    "so this page answers for contacts only as they are now."
)


@dataclass(frozen=True)
class Told:
    """The answer, or in `silence` why there is none."""

    answer: Answer
    silence: str = ""


@dataclass(frozen=True)
class Words:
    """Turns ways into words, with the names that the asker may hear. `inside` is true for the agency's own leads, who
    gave the shares and hear whom they are with."""

    everyone: Everyone
    known: Known
    facts: Facts
    inside: bool

    def reasons(self, ways: list[Way]) -> list[Reason]:
        """Each way as a reason."""
        return [SAYINGS[way.by](self, way) for way in ways]

    def own(self, way: Way) -> Reason:
        """Of the agency itself."""
        agency = self.everyone.agencies[self.facts.agency]
        return Reason(0, "own", f"{agency}, whose listing it is", f"{self._held(way)}, whose listing it is", way.seat)

    def grant(self, way: Way) -> Reason:
        """By a need-to-know grant."""
        given = self._by("given", way.row.given_by)
        words = f"Need-to-know grant until {_moment(way.row.until_at)}{given}: {way.row.reason}"
        return Reason(1, "grant", "Need-to-know grants", words, way.seat)

    def share(self, way: Way) -> Reason:
        """By a share."""
        until = f" until {_day(way.row.until_at)}" if way.row.until_at else ""
        heading = f"Shared with {self._partner(way.row)}{until}"
        accepted = self._by("accepted", way.row.accepted_by) or ", accepted"
        words = f"{heading}{accepted} on {_day(way.row.accepted_at)}"
        return Reason(2, f"share:{way.row.pk}", heading, words, way.seat)

    def network(self, way: Way) -> Reason:
        """As a member of the network."""
        assert way.seat  # noqa: S101  for the type checker
        network = self.everyone.networks.get(way.seat.network, "") if way.seat.network else ""
        words = f"{self._held(way)}, a member of {network}"
        return Reason(3, f"network:{way.seat.network}", f"Agencies in {network}", words, way.seat)

    def run(self, way: Way) -> Reason:
        """As one who runs or audits the network."""
        assert way.seat  # noqa: S101  for the type checker
        network = self.everyone.networks.get(way.seat.network, "") if way.seat.network else ""
        heading = f"Coordinators, approvers and auditors of {network}"
        return Reason(4, f"run:{way.seat.network}", heading, self._held(way), way.seat)

    def nation(self, way: Way) -> Reason:
        """As a national coordinator."""
        return Reason(5, "nation", "National coordinators", self._held(way), way.seat)

    def all(self, way: Way) -> Reason:
        """As anybody."""
        return Reason(6, "all", "Everyone who can sign in", "It is public", way.seat)

    def _held(self, way: Way) -> str:
        assert way.seat  # noqa: S101  for the type checker
        return self.everyone.held(way.seat)

    def _by(self, deed: str, person: Any) -> str:
        return f", {deed} by {person.name}" if person and person.pk in self.known.people else ""

    def _partner(self, share: Any) -> str:
        known = share.agency_id in self.known.agencies or share.network_id in self.known.networks
        return str(share.agency or share.network) if known or self.inside else "an agency or network outside yours"


SAYINGS: dict[By, Callable[[Words, Way], Reason]] = {
    By.OWN: Words.own,
    By.GRANT: Words.grant,
    By.SHARE: Words.share,
    By.NETWORK: Words.network,
    By.RUN: Words.run,
    By.NATION: Words.nation,
    By.ALL: Words.all,
}


def may_ask(by: Any, listing: Listing) -> bool:
    """Whether the person may hear who else can see it: its agency's leads; unless it is concealed, also coordinators
    and auditors of the agency's networks and the nation. That they see it themselves is asked elsewhere."""
    return roles.may(by, "listing.explain_concealed" if listing.is_concealed else "listing.explain", listing)


def of_listing(listing: Listing, *, by: Any, at: Moment = None) -> Told:
    """Who can see the listing, now or at a past moment. About fifteen queries, however many people there are.

    What was concealed then is told to its agency's leads only; to others it is as if the trail did not tell.
    """
    inside = listing.agency_id in standing.of(by).agencies(*LEADS)
    facts = facts_of([listing], at=at)[listing.pk]
    if at is not None:
        history = past.history(listing)
        access = history.access(at)
        if history.is_before(at):
            return Told(Answer(), NOT_YET)
        if access is None or (access == Access.CONCEALED and not inside):
            return Told(Answer(), NOT_TOLD)
        facts = replace(facts, access=access)
    return _told(facts, by, at, inside, why)


def of_contact(contact: Contact, *, by: Any, at: Moment = None) -> Told:
    """Who can see the contact, now; for a past moment there is no answer."""
    if at is not None:
        return Told(Answer(), CONTACTS_NOW)
    listing = contact.listing
    inside = listing.agency_id in standing.of(by).agencies(*LEADS)
    facts = facts_of([listing])[listing.pk]
    return _told(facts, by, None, inside, lambda known, here: why_contact(known, contact, here))


def of_oneself(listing: Listing, *, by: Any) -> list[str]:
    """Why the person can see the listing, in words."""
    here = standing.of(by)
    words = Words(sight.everyone(), sight.known_to(here), facts_of([listing])[listing.pk], inside=True)
    reasons = sorted(words.reasons(why(words.facts, here)))
    return list(dict.fromkeys(reason.words for reason in reasons))


def _told(
    facts: Facts, by: Any, at: Moment, inside: bool, ways: Callable[[Facts, standing.Standing], list[Way]]
) -> Told:
    if ways(facts, standing.Standing()):
        return Told(Answer(open_to_all=True))
    everyone, known = sight.everyone(at=at), sight.known_to(by)
    words = Words(everyone, known, facts, inside)
    return Told(sight.answer(lambda here: words.reasons(ways(facts, here)), everyone, known))


def _day(moment: Any) -> str:
    return formatted(timezone.localtime(moment), "j F Y")


def _moment(moment: Any) -> str:
    return f"{written(timezone.localtime(moment))} on {_day(moment)}"
