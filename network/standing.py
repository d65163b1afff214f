"""Where a reader stands, for rules that are asked on every page: the sets of `network.visibility`, flat and ready-made.

Each set is one level of joins instead of six of nested subqueries, and its SQL is worked out once in a process, not on
every page, which is most of what a rule costs. It is still a subquery inside the statement, by the database's clock.

For the rules of a large table even that is too much: PostgreSQL plans a dozen subqueries longer than it reads a page.
`of(reader)` asks once where the reader stands, by the same clock, and the rule is then made of a few plain IDs. It is
asked anew for each rule and never kept: an end takes effect at that moment.
`tests/network/test_standing.py` holds all of this to the sets it stands for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import chain
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Q, QuerySet, UUIDField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Now

from accounts.models import User
from network.models import ApiKey, Appointment, Membership

Build = Callable[..., QuerySet[Any]]
STAND_IN = UUID("00000000-0000-7000-8000-00000000000a")
STAND_IN_AGENCY = UUID("00000000-0000-7000-8000-00000000000b")
EMPTY = "SELECT id FROM network_network WHERE 1 = 0"  # of the type an ID has: PostgreSQL compares like with like
PERSON = User(pk=STAND_IN)
KEY = ApiKey(pk=STAND_IN, owner_id=STAND_IN, agency_id=STAND_IN_AGENCY)


def prepared(build: Build) -> Callable[..., RawSQL]:
    """Make `build(reader, *roles)` a set to be used in `…__in=`, its SQL compiled for the first reader and kept.

    `build` may use of its reader nothing but `pk`, or a key's `agency_id` and `owner_id`; its other arguments, like the
    roles, are part of what is kept. For nobody the set is empty.
    """
    kept: dict[tuple[Any, ...], tuple[str, tuple[Any, ...]]] = {}

    def ready(reader: Any, *roles: Any) -> RawSQL:
        if not reader.is_authenticated:
            return RawSQL(EMPTY, ())  # noqa: S611
        key = (connection.vendor, isinstance(reader, ApiKey), roles)
        if key not in kept:
            kept[key] = _compiled(build(KEY if isinstance(reader, ApiKey) else PERSON, *roles))
        sql, params = kept[key]
        return RawSQL(sql, tuple(_filled(params, reader)))  # noqa: S611

    return ready


def prepared_for(build: Build) -> Callable[..., RawSQL]:
    """As `prepared`, for a set built of one or more collections of IDs: compiled once for each number of IDs."""
    kept: dict[tuple[Any, ...], tuple[str, tuple[Any, ...]]] = {}

    def ready(*ids: Collection[UUID]) -> RawSQL:
        shape = (connection.vendor, *map(len, ids))
        places = [[UUID(int=(group << 32) + n) for n in range(len(some))] for group, some in enumerate(ids, 1)]
        if shape not in kept:
            kept[shape] = _compiled(build(*places))
        sql, params = kept[shape]
        pairs = zip(chain(*places), chain(*ids), strict=True)
        real = {_sent(place): _sent(pk) for place, pk in pairs}
        return RawSQL(sql, tuple(real.get(value, value) for value in params))  # noqa: S611

    return ready


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


def of(reader: Any) -> Standing:
    """Where this reader stands at this moment. One small query; none for nobody."""
    if not reader.is_authenticated:
        return Standing()
    asked = _rows_of(reader)
    with connection.cursor() as cursor:
        cursor.execute(asked.sql, asked.params)
        found = tuple((role, _read(agency), _read(network)) for role, agency, network in cursor.fetchall())
    return Standing(found, is_key=isinstance(reader, ApiKey))


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


def any_of(ready: RawSQL) -> Q:
    """True for every row or for none: whether the set has a member."""
    return Q(RawSQL(f"EXISTS ({ready.sql})", ready.params, output_field=BooleanField()))  # noqa: S611


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


def _compiled(rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    try:
        sql, params = rows.query.get_compiler("default").as_sql()
    except EmptyResultSet:
        return EMPTY, ()
    return sql, tuple(params)


def _filled(params: tuple[Any, ...], reader: Any) -> list[Any]:
    """The parameters with the reader's own IDs where the stand-in's were."""
    real = {_sent(STAND_IN): _sent(reader.pk)}
    if isinstance(reader, ApiKey):
        real = {_sent(STAND_IN): _sent(reader.owner_id), _sent(STAND_IN_AGENCY): _sent(reader.agency_id)}
    return [real.get(value, value) for value in params]


def _read(value: Any) -> UUID | None:
    """An ID as this engine answers it."""
    return UUID(value) if isinstance(value, str) else value


def _sent(value: UUID) -> Any:
    """An ID as this engine is sent it."""
    return UUIDField().get_db_prep_value(value, connection)
