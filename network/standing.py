"""Where a reader stands: the one small question that every rule about who may see what begins with.

It is asked of the database by its clock, anew for each rule, and kept no longer than a page that changes nothing takes:
an end takes effect at that moment and not when a job has run. The rule is then made of a few plain IDs.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce

from accounts.factors import is_fresh
from network import statements
from network.dates import Moment, going_on, in_force, joining, member, open_account
from network.models import ApiKey, Appointment, Membership, Signature

KEPT = "standing_on_this_page"  # where `ask_once` keeps the answer
ASKED = UUID(int=0)  # stands for the person in the statement that is worded once
SEAT = (models.CharField(), models.UUIDField(), models.UUIDField(), models.BooleanField())
KEY = "key"  # what an API key has in place of a role: a rule that is for keys too must say so


class Seat(NamedTuple):
    """One role, and one network that it reaches.

    The network is None for a role of the platform, and for an agency that is still joining. `agreed` tells whether the
    agency has signed the network's agreement that is in force; who holds a role in the network itself need not.
    """

    role: str
    agency: UUID | None
    network: UUID | None
    agreed: bool


@dataclass(frozen=True)
class Standing:
    """Who asks, and how far their live appointments reach.

    An appointment in an agency counts while the agency is a live, unsuspended member of a network that has not ended,
    or is joining one; one in a network while it has not ended; one of the platform always. A closed account has none.
    `fresh` tells whether the person gave a second factor just now.
    """

    person: UUID | None = None
    key: ApiKey | None = None
    rows: tuple[Seat, ...] = ()
    fresh: bool = False

    @property
    def roles(self) -> frozenset[str]:
        """The roles held anywhere."""
        return frozenset(row.role for row in self.rows)

    def agencies(self, *roles: str) -> set[UUID]:
        """IDs of the agencies for which the reader speaks in one of these roles."""
        return {row.agency for row in self.rows if row.role in roles and row.agency}

    def networks(self, *roles: str) -> set[UUID]:
        """IDs of the networks that one of these roles reaches: it is held there, or in an agency that is a member."""
        return {row.network for row in self.rows if row.role in roles and row.network}

    def holds(self, *roles: str) -> bool:
        """Whether the reader holds one of these roles anywhere."""
        return any(row.role in roles for row in self.rows)

    @property
    def agreed(self) -> Standing:
        """The part of it that rests on a signed agreement: what restricted things and strict alerts are open to."""
        return replace(self, rows=tuple(row for row in self.rows if row.agreed))

    def without(self, *roles: str) -> Standing:
        """The part of it that does not rest on these roles."""
        return replace(self, rows=tuple(row for row in self.rows if row.role not in roles))

    def within(self, network: UUID) -> Standing:
        """The part of it that reaches this network."""
        return replace(self, rows=tuple(row for row in self.rows if row.network == network))


def of(reader: Any, *, at: Moment = None) -> Standing:
    """Where a person, an API key or nobody stands now, or stood at a moment. One query, none for nobody; a standing is
    itself."""
    if isinstance(reader, Standing):
        return reader
    if isinstance(reader, ApiKey):
        return Standing(key=reader, rows=tuple(Seat(*row) for row in _of_key(reader)))
    if not reader.is_authenticated:
        return Standing()
    if at is not None or not hasattr(reader, KEPT):
        return _of_person(reader, at)
    if getattr(reader, KEPT) is None:
        setattr(reader, KEPT, _of_person(reader, None))
    return cast("Standing", getattr(reader, KEPT))


def _of_person(reader: Any, at: Moment) -> Standing:
    rows = _seats_now(reader.pk) if at is None else _seats(reader.pk, at)
    return Standing(reader.pk, rows=tuple(Seat(*row) for row in rows), fresh=at is None and is_fresh(reader))


def ask_once(reader: Any) -> None:
    """Let this very object's standing be asked at most once from here on: for the length of one page."""
    setattr(reader, KEPT, None)


def of_everyone(*, at: Moment = None) -> dict[UUID, Standing]:
    """Where each person with an appointment stands, or stood at a moment, by the person's ID. One query."""
    found: dict[UUID, list[Seat]] = {}
    for person, *row in _rows(Q(), at).values_list("person", "role", "agency", "reached", "agreed"):
        found.setdefault(person, []).append(Seat(*row))
    return {person: Standing(person, rows=tuple(rows)) for person, rows in found.items()}


def members_of(networks: Collection[UUID], *, at: Moment = None) -> QuerySet[Any]:
    """IDs of the agencies that are live members of any of these networks, as a subquery."""
    rows = Membership.objects.filter(member(at=at), network__in=networks) if networks else Membership.objects.none()
    return rows.values("agency")


def signatories_of(network: Any, *, at: Moment = None) -> QuerySet[Any]:
    """IDs of the agencies that have signed the agreement of this network (a row, its ID or a column of an outer query)
    that is in force, as a subquery."""
    signed = Signature.objects.filter(in_force("agreement__", at), _given_by(at), agreement__network=network)
    return signed.values("agency")


def _seats(person: UUID, at: Moment) -> QuerySet[Any, Any]:
    return _rows(Q(person=person), at).values_list("role", "agency", "reached", "agreed")


def _seats_now(person: UUID) -> list[Any]:
    sql, params = _question()
    return statements.read(sql, [person if given in {ASKED, ASKED.hex} else given for given in params], SEAT)


@functools.cache
def _question() -> tuple[str, tuple[Any, ...]]:
    """The question as a statement, never an answer to it: to word it takes longer than to ask it."""
    return _seats(ASKED, None).query.sql_with_params()


def _rows(whose: Q, at: Moment) -> QuerySet[Any, Any]:
    """All in one `filter`, so that what is said of a membership is said of the same membership."""
    belongs = member("agency__memberships__", at) | joining("agency__memberships__")
    in_agency = Q(agency__isnull=False) & belongs
    in_network = Q(network__isnull=False) & going_on("network__", at)
    counts = in_agency | in_network | Q(role__in=Appointment.PLATFORM_ROLES)
    begun = Q(agency__memberships__from_at__isnull=False)
    return Appointment.objects.filter(whose, in_force(at=at), counts, open_account("person__", at)).annotate(
        reached=Coalesce(F("network"), Case(When(begun, then=F("agency__memberships__network")))),
        agreed=Q(agency=None) | (begun & Q(Exists(_signed("agency__memberships__network", at)))),
    )


def _of_key(key: ApiKey) -> Iterable[tuple[Any, ...]]:
    rows = Membership.objects.live().filter(agency=key.agency_id)
    return rows.values_list(Value(KEY), "agency", "network", Exists(_signed("network", None)))


def _signed(network: str, at: Moment) -> QuerySet[Any]:
    """Whether the row's agency is among the signatories of this network of the row."""
    return signatories_of(OuterRef(network), at=at).filter(agency=OuterRef("agency"))


def _given_by(at: Moment) -> Q:
    return Q(signed_at__lte=at) if at else Q()
