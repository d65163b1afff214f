"""Where a reader stands, for rules that are asked on every page: the sets of `network.visibility`, flat and ready-made.

Each set is one level of joins instead of six of nested subqueries, and its SQL is worked out once in a process, not on
every page, which is most of what a rule costs. It is still a subquery inside the statement, by the database's clock.
`tests/network/test_standing.py` holds these sets to those they stand for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Q, QuerySet, UUIDField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from accounts.models import User
from network.models import ApiKey, Appointment, Membership

Build = Callable[..., QuerySet[Any]]
STAND_IN = UUID("00000000-0000-7000-8000-00000000000a")
STAND_IN_AGENCY = UUID("00000000-0000-7000-8000-00000000000b")
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
            return RawSQL("SELECT NULL WHERE 1 = 0", ())  # noqa: S611
        key = (connection.vendor, isinstance(reader, ApiKey), roles)
        if key not in kept:
            kept[key] = _compiled(build(KEY if isinstance(reader, ApiKey) else PERSON, *roles))
        sql, params = kept[key]
        return RawSQL(sql, tuple(_filled(params, reader)))  # noqa: S611

    return ready


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
        return "SELECT NULL WHERE 1 = 0", ()
    return sql, tuple(params)


def _filled(params: tuple[Any, ...], reader: Any) -> list[Any]:
    """The parameters with the reader's own IDs where the stand-in's were."""
    real = {_sent(STAND_IN): _sent(reader.pk)}
    if isinstance(reader, ApiKey):
        real = {_sent(STAND_IN): _sent(reader.owner_id), _sent(STAND_IN_AGENCY): _sent(reader.agency_id)}
    return [real.get(value, value) for value in params]


def _sent(value: UUID) -> Any:
    """An ID as this engine is sent it."""
    return UUIDField().get_db_prep_value(value, connection)
