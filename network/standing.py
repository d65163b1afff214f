"""Where a reader stands, for rules that are asked on every page: the sets of `network.visibility`, flat and ready-made.

Each set is one level of joins instead of six of nested subqueries, prepared (see `network.prepared`). It is still a
subquery inside the statement, by the database's clock.

For the rules of a large table even that is too much: PostgreSQL plans a dozen subqueries longer than it reads a page.
`of(reader)` asks once where the reader stands, by the same clock, and the rule is then made of a few plain IDs. It is
asked anew for each rule and never kept: an end takes effect at that moment.
`tests/network/test_standing.py` holds all of this to the sets it stands for.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce, Now

from network.models import ApiKey, Appointment, Membership
from network.prepared import prepared, prepared_for


@dataclass(frozen=True)
class Standing:
    """A reader's live appointments, each with a network that it reaches. A key stands in its agency without a role."""

    rows: tuple[tuple[str, UUID | None, UUID | None], ...] = ()
    is_key: bool = False

    def agencies(self, *roles: str) -> set[UUID]:
        """IDs of the agencies for which a person speaks in one of these roles; none for a key, which has no role."""
        return {agency for role, agency, _ in self.rows if role in roles and agency}

    def networks(self, *roles: str) -> set[UUID]:
        """IDs of the networks one of these roles is in, directly or through an agency; for a key, its agency's."""
        return {network for role, _, network in self.rows if (self.is_key or role in roles) and network}

    def holds(self, *roles: str) -> bool:
        """Whether the person holds one of these roles anywhere."""
        return any(role in roles for role, _, _ in self.rows)

    def in_general(self) -> tuple[Standing, dict[UUID, UUID]]:
        """The same standing with stand-ins for its IDs, numbered as they come; and what each stands in for."""
        known: dict[UUID, UUID] = {}
        for _, agency, network in self.rows:
            for pk in (agency, network):
                if pk and pk not in known:
                    known[pk] = UUID(int=(1 << 40) + len(known))
        rows = tuple(
            (role, known[agency] if agency else None, known[network] if network else None)
            for role, agency, network in self.rows
        )
        return Standing(rows, self.is_key), {place: pk for pk, place in known.items()}


def of(reader: Any) -> Standing:
    """Where this reader stands at this moment. One small query; none for nobody."""
    if not reader.is_authenticated:
        return Standing()
    asked = _rows_of(reader)
    with connection.cursor() as cursor:
        cursor.execute(asked.sql, asked.params)
        found = [(role, _read(agency), _read(network)) for role, agency, network in cursor.fetchall()]
    return Standing(tuple(sorted(found, key=str)), is_key=isinstance(reader, ApiKey))


@prepared_for
def members_of(networks: Collection[UUID]) -> QuerySet[Any]:
    """IDs of the agencies that are live members of these networks."""
    rows = Membership.objects.filter(live("", suspends=True), going_on("network__"), network__in=networks)
    return rows.order_by().values("agency")


@prepared
def _rows_of(reader: Any) -> QuerySet[Any]:
    """Role, agency and network: one row for each network that an appointment reaches."""
    if isinstance(reader, ApiKey):
        return _of_key(reader).values_list(Value(""), "agency", "network")
    reached = Coalesce("network", "agency__memberships__network")
    in_agency = live("agency__memberships__", suspends=True) & going_on("agency__memberships__network__")
    in_network = Q(network__isnull=False) & going_on("network__")
    platform = Q(role__in=Appointment.PLATFORM_ROLES)
    every = tuple(Appointment.Role.values)
    found = _appointments(reader, every, (Q(agency__isnull=False) & in_agency) | in_network | platform)
    return found.values_list("role", "agency", reached)


def live(prefix: str, *, suspends: bool = False) -> Q:
    """In date, for an appointment or (with `suspends`) a membership reached by this path of relations."""
    dated = (Q(**{f"{prefix}until_at": None}) | Q(**{f"{prefix}until_at__gt": Now()})) & Q(
        **{f"{prefix}from_at__lte": Now()}
    )
    return dated & Q(**{f"{prefix}suspended_at": None}) if suspends else dated


def going_on(prefix: str) -> Q:
    """A network, reached by this path, that has not ended."""
    return Q(**{f"{prefix}ended_at": None}) | Q(**{f"{prefix}ended_at__gt": Now()})


@prepared
def own_agencies(reader: Any, *roles: str) -> QuerySet[Any]:
    """IDs of the agencies for which a person speaks in one of these roles; none for a key, which has no role."""
    return _in_agencies(reader, roles).values("agency")


@prepared
def run_networks(reader: Any, *roles: str) -> QuerySet[Any]:
    """IDs of the networks in which a person holds one of these roles."""
    return _in_networks(reader, roles).values("network")


@prepared
def agency_networks(reader: Any, *roles: str) -> QuerySet[Any]:
    """IDs of the networks of the agencies for which the reader speaks; for a key, of its agency."""
    if isinstance(reader, ApiKey):
        return _of_key(reader).values("network")
    return _in_agencies(reader, roles).values("agency__memberships__network")


@prepared
def colleagues(reader: Any, *roles: str) -> QuerySet[Any]:
    """IDs of the agencies that share a network with one the reader speaks for; for a key, with its agency."""
    if isinstance(reader, ApiKey):
        shared = live("network__memberships__", suspends=True)
        return _of_key(reader, shared).values("network__memberships__agency")
    shared = live("agency__memberships__network__memberships__", suspends=True)
    return _in_agencies(reader, roles, shared).values("agency__memberships__network__memberships__agency")


@prepared
def overseen(reader: Any, *roles: str) -> QuerySet[Any]:
    """IDs of the agencies of the networks in which a person holds one of these roles."""
    members = live("network__memberships__", suspends=True)
    return _in_networks(reader, roles, members).values("network__memberships__agency")


@prepared
def platform_roles(reader: Any, *roles: str) -> QuerySet[Any]:
    """IDs of the person's live appointments to these roles of the whole platform."""
    platform = Q(role__in=Appointment.PLATFORM_ROLES)
    return _appointments(reader, roles, platform).values("pk")


def _appointments(reader: Any, roles: tuple[str, ...], *where: Q) -> QuerySet[Appointment]:
    """All in one `filter`, so that what is said of a membership is said of the same membership."""
    if isinstance(reader, ApiKey):
        return Appointment.objects.none()
    return Appointment.objects.filter(
        live(""), *where, person=reader.pk, person__is_active=True, role__in=tuple(map(str, roles))
    ).order_by()


def _in_agencies(reader: Any, roles: tuple[str, ...], *where: Q) -> QuerySet[Appointment]:
    membership = live("agency__memberships__", suspends=True)
    return _appointments(reader, roles, membership, going_on("agency__memberships__network__"), *where)


def _in_networks(reader: Any, roles: tuple[str, ...], *where: Q) -> QuerySet[Appointment]:
    return _appointments(reader, roles, Q(network__isnull=False), going_on("network__"), *where)


def _of_key(reader: Any, *where: Q) -> QuerySet[Membership]:
    membership = live("", suspends=True)
    return Membership.objects.filter(membership, going_on("network__"), *where, agency=reader.agency_id).order_by()


def _read(value: Any) -> UUID | None:
    """An ID as this engine answers it."""
    return UUID(value) if isinstance(value, str) else value
