"""Who can see a listing or a contact, and why, in words: as far as the one who asks may hear them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.template.defaultfilters import date as formatted
from django.utils import timezone

from accounts.dates import written
from directory import past
from directory.access import Access
from directory.reasons import By, Facts, Way, facts_of
from directory.subjects import Subject
from network import sight, standing
from network.dates import Moment
from network.sight import Answer, Everyone, Known, Reason, Told
from network.standing import Standing
from network.visibility import LEADS

NOT_YET = "This listing did not exist yet."
NOT_TOLD = (
    "Lantern cannot tell. The audit trail does not say who could see this listing then, and this page does not guess."
)
LISTINGS_ONLY = (
    "Lantern cannot tell. The audit trail does not keep how private a contact, a mobile number or a safe place was, "
    "so this page answers for them only as they are now."
)


@dataclass(frozen=True)
class Words:
    """Turns ways into words, with the names that the asker may hear. `inside` is true for the agency's own leads, who
    gave the shares and hear whom they are with."""

    everyone: Everyone
    known: Known
    facts: Facts
    inside: bool
    said: dict[Way, Reason] = field(default_factory=dict, compare=False)

    def reasons(self, ways: list[Way]) -> list[Reason]:
        """Each way as a reason. People come by few ways: each is worded once."""
        return [self.said.get(way) or self.said.setdefault(way, SAYINGS[way.by](self, way)) for way in ways]

    def oneself(self, way: Way) -> Reason:
        """As the one whose number it is."""
        return Reason(-1, "self", "Whose number it is", "It is their own number", way.seat)

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
    By.SELF: Words.oneself,
    By.OWN: Words.own,
    By.GRANT: Words.grant,
    By.SHARE: Words.share,
    By.NETWORK: Words.network,
    By.RUN: Words.run,
    By.NATION: Words.nation,
    By.ALL: Words.all,
}


def of(subject: Subject, *, by: Any, at: Moment = None) -> Told:
    """Who can see it, now or at a past moment. About fifteen queries, however many people there are.

    What was concealed then is told to its agency's leads only; to others it is as if the trail did not tell.
    """
    if at is not None and not subject.has_past:
        return Told(Answer(), LISTINGS_ONLY)
    listing = subject.listing
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
    if subject.why(facts, Standing()):
        return Told(Answer(open_to_all=True))
    everyone, known = sight.everyone(at=at), sight.known_to(by)
    words = Words(everyone, known, facts, inside)
    return Told(sight.answer(lambda here: words.reasons(subject.why(facts, here)), everyone, known))


def of_oneself(subject: Subject, *, by: Any) -> list[str]:
    """Why the person can see it, in words."""
    here, facts = standing.of(by), facts_of([subject.listing])[subject.listing.pk]
    words = Words(sight.nobody(), sight.known_to(here), facts, inside=True)
    return sight.in_words(words.reasons(subject.why(facts, here)))


def _day(moment: Any) -> str:
    return formatted(timezone.localtime(moment), "j F Y")


def _moment(moment: Any) -> str:
    return f"{written(timezone.localtime(moment))} on {_day(moment)}"
