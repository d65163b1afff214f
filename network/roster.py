"""The agencies of a network as its coordinator looks at them: where each stands, and what is amiss."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.templatetags.lantern import day
from network import agreements, joining
from network.agreements import Terms
from network.dates import in_force
from network.joining import Joining
from network.models import Appointment, Membership

STATES = {
    "live": "Live",
    "joining": "Joining",
    "suspended": "Suspended",
    "unsigned": "Agreement not signed, or about to lapse",
    "leads": "One lead or none",
    "away": "Leads away",
    "ended": "Ended",
}
Tag = tuple[str, str]  # words and a colour that repeats them


@dataclass(frozen=True)
class Row:
    """One agency's place, and the states that it is in, of STATES."""

    membership: Membership
    states: frozenset[str]
    terms: Terms = field(default_factory=Terms)
    joining: Joining | None = None
    leads: int = 0

    @property
    def place(self) -> Tag:
        """The place itself, in a word."""
        for state, colour in (("ended", "grey"), ("suspended", "red"), ("joining", "blue")):
            if state in self.states:
                return STATES[state], colour
        return STATES["live"], "green"

    @property
    def remarks(self) -> list[str]:
        """What is amiss with a place that has not ended, in short sentences."""
        if self.joining is not None:
            return [_sentence(self.joining.missing)] if self.joining.missing else ["Ready to be admitted."]
        said = []
        if "unsigned" in self.states:
            said.append(_about_terms(self.terms))
        if "leads" in self.states:
            said.append("It has only one lead." if self.leads else "Nobody leads it.")
        if "away" in self.states:
            said.append("Everybody who leads it is away.")
        if self.membership.until_at and "ended" not in self.states:
            said.append(f"Its place ends on {day(self.membership.until_at)}.")
        return said


def rows(memberships: QuerySet[Membership]) -> list[Row]:
    """These places by the agency's name, each agency once in a network: its open place, else its last. Six queries,
    however many there are."""
    found = memberships.select_related("agency", "network").annotate(over=_over()).order_by("agency__name", "-pk")
    latest: dict[tuple[UUID, UUID], Membership] = {}
    for membership in found:
        latest.setdefault((membership.network_id, membership.agency_id), membership)
    kept = list(latest.values())
    agencies = {row.agency_id for row in kept}
    terms = agreements.terms(latest)
    leads, away = joining.leads_of(agencies), _away(agencies)
    steps = joining.progress(row for row in kept if _is_joining(row))
    return [
        _row(row, terms[row.network_id, row.agency_id], steps.get(row.pk), leads.get(row.agency_id, 0), away)
        for row in kept
    ]


def row(membership: Membership) -> Row:
    """One of them."""
    return rows(Membership.objects.filter(pk=membership.pk))[0]


def _row(membership: Membership, terms: Terms, steps: Joining | None, leads: int, away: set[UUID]) -> Row:
    if membership.over:  # type: ignore[attr-defined]  # annotated
        return Row(membership, frozenset({"ended"}))
    if steps is not None:
        return Row(membership, frozenset({"joining"}), terms, steps, leads)
    states = {"suspended" if membership.suspended_at else "live"}
    if not terms.signed or terms.lapses_soon:
        states.add("unsigned")
    if leads < joining.LEADS_NEEDED:
        states.add("leads")
    if membership.agency_id in away:
        states.add("away")
    return Row(membership, frozenset(states), terms, None, leads)


def _away(agencies: Iterable[UUID]) -> set[UUID]:
    """Agencies of which everybody who leads is covered by somebody else, and so is away."""
    live = Appointment.objects.filter(in_force(), agency__in=list(agencies), person__is_active=True)
    leading: dict[UUID, set[UUID]] = {}
    covered: dict[UUID, set[UUID]] = {}
    for agency, person, role, covers in live.order_by().values_list("agency", "person", "role", "covers"):
        if covers:
            covered.setdefault(agency, set()).add(covers)
        elif role in Appointment.LEAD_ROLES:
            leading.setdefault(agency, set()).add(person)
    return {agency for agency, people in leading.items() if people <= covered.get(agency, set())}


def _over() -> Q:
    return Q(until_at__isnull=False, until_at__lte=Now())


def _is_joining(membership: Membership) -> bool:
    return membership.from_at is None and membership.until_at is None


def _about_terms(terms: Terms) -> str:
    if not terms.signed:
        return "The agreement is not signed: restricted things and strict alerts are closed to it."
    assert terms.closes_at is not None  # noqa: S101  it lapses
    return f"Sign the agreement by {day(terms.closes_at)}."


def _sentence(parts: list[str]) -> str:
    words = ", ".join(parts)
    return f"{words[:1].upper()}{words[1:]}."
