"""SQL that the ORM works out once in a process and not on every page, with the reader's own IDs put in each time.

For rules that stand on every page that is most of what they cost. What is kept is text; whom it is for, and what the
database answers, never is.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from itertools import chain
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import BooleanField, Expression, F, Model, Q, QuerySet, UUIDField
from django.db.models.expressions import RawSQL

from accounts.models import User
from network.models import ApiKey

if TYPE_CHECKING:
    from network.standing import Standing

Build = Callable[..., QuerySet[Any]]
STAND_IN = UUID("00000000-0000-7000-8000-00000000000a")
STAND_IN_AGENCY = UUID("00000000-0000-7000-8000-00000000000b")
EMPTY = "SELECT id FROM network_network WHERE 1 = 0"  # of the type an ID has: PostgreSQL compares like with like
HERE = "{here}"
MOST_KEPT = 1_000  # ways to stand; far more than any network has
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


def prepared_rule(model: str, build: Callable[[Any, Standing], Q]) -> Callable[[Any, Standing], Q]:
    """A rule over a model, `build(reader, here)`, as one condition whose SQL is compiled once for each way to stand.

    `build` may use of its reader what `prepared` allows and a key's scopes. It must join and correlate nothing: the
    condition is put under any alias of the model's table.
    """
    kept: dict[tuple[Any, ...], tuple[str, tuple[Any, ...]]] = {}

    def rule(reader: Any, here: Standing) -> Q:
        general, own = here.in_general()
        scopes = tuple(reader.scopes) if isinstance(reader, ApiKey) else ()
        key = (connection.vendor, reader.is_authenticated, general, scopes)
        if key not in kept:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            kept[key] = _condition(apps.get_model(model), build(_stand_in(reader, scopes), general))
        sql, params = kept[key]
        real = {_sent(place): _sent(pk) for place, pk in own.items()} | _own_ids(reader)
        return Q(Condition(sql, tuple(real.get(value, value) for value in params)))

    return rule


class Condition(Expression):
    """SQL that is true or false for a row, under whatever alias the row's table has in the query."""

    output_field = BooleanField()

    def __init__(self, sql: str, params: tuple[Any, ...]) -> None:
        super().__init__()
        self.sql, self.params, self.row = sql, params, F("pk")

    def get_source_expressions(self) -> list[Any]:
        return [self.row]

    def set_source_expressions(self, exprs: Any) -> None:
        (self.row,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The condition under the alias of its row."""
        return self.sql.replace(HERE, compiler.quote_name_unless_alias(cast("Any", self.row).alias)), self.params


def any_of(ready: RawSQL) -> Q:
    """True for every row or for none: whether the set has a member."""
    return Q(RawSQL(f"EXISTS ({ready.sql})", ready.params, output_field=BooleanField()))  # noqa: S611


def _compiled(rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    try:
        sql, params = rows.query.get_compiler("default").as_sql()
    except EmptyResultSet:
        return EMPTY, ()
    return sql, tuple(params)


def _condition(model: type[Model], rule: Q) -> tuple[str, tuple[Any, ...]]:
    compiler = QuerySet(model).filter(rule).query.get_compiler("default")
    sql, params = compiler.compile(compiler.query.where)
    return f"({sql})".replace(connection.ops.quote_name(model._meta.db_table), HERE), tuple(params)


def _filled(params: tuple[Any, ...], reader: Any) -> list[Any]:
    """The parameters with the reader's own IDs where the stand-in's were."""
    real = _own_ids(reader)
    return [real.get(value, value) for value in params]


def _own_ids(reader: Any) -> dict[Any, Any]:
    if isinstance(reader, ApiKey):
        return {_sent(STAND_IN): _sent(reader.owner_id), _sent(STAND_IN_AGENCY): _sent(reader.agency_id)}
    return {_sent(STAND_IN): _sent(reader.pk)} if reader.is_authenticated else {}


def _stand_in(reader: Any, scopes: tuple[str, ...]) -> Any:
    if isinstance(reader, ApiKey):
        return ApiKey(pk=STAND_IN, owner_id=STAND_IN, agency_id=STAND_IN_AGENCY, scopes=list(scopes))
    return PERSON if reader.is_authenticated else reader


def _sent(value: UUID) -> Any:
    """An ID as this engine is sent it."""
    return UUIDField().get_db_prep_value(value, connection)
