"""Statements written by hand, or worded once and kept: values go in and come out as the models' own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models.expressions import Col


def read(
    statement: str, params: Mapping[str, Any] | Sequence[Any], fields: Sequence[models.Field[Any, Any]] = ()
) -> list[Any]:
    """The rows, whose columns hold what these fields do."""
    if isinstance(params, Mapping):
        bound: Any = {name: _bound(value) for name, value in params.items()}
    else:
        bound = [_bound(value) for value in params]
    with connection.cursor() as cursor:
        cursor.execute(statement, bound)
        return _converted(cursor.fetchall(), fields)


def _bound(value: Any) -> Any:
    """A value as this engine keeps it."""
    match value:
        case UUID():
            return value if connection.features.has_native_uuid_field else value.hex
        case dt.date():
            return connection.ops.adapt_datefield_value(value)
        case dt.time():
            return connection.ops.adapt_timefield_value(value)
    return value


def _converted(rows: list[Any], fields: Sequence[models.Field[Any, Any]]) -> list[Any]:
    """The rows with the values that the columns of these fields hold; PostgreSQL gives those by itself."""
    found: dict[int, list[Any]] = {}
    for place, field in enumerate(fields):
        column = Col("l", field)
        if steps := [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]:
            found[place] = [(step, column) for step in steps]
    if not found:
        return rows
    return [tuple(_through(value, found.get(place, ())) for place, value in enumerate(row)) for row in rows]


def _through(value: Any, steps: Iterable[tuple[Any, Col]]) -> Any:
    for step, column in steps:
        value = step(value, column, connection)
    return value
