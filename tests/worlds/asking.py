"""The product asked what it shows, and its questions kept: to word one takes several times what the answer takes."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.utils import timezone

from network import statements
from network.standing import Standing
from tests.worlds import reading

MOST = 4000  # questions kept


def shown(kind: str, here: Any) -> set[Any]:
    """The IDs that the product shows of a kind. `here` is the reader or where they stand."""
    return set(_question(kind, here, "pk"))


def shown_alerts(here: Any) -> dict[str, set[Any]]:
    """The IDs of the alerts that the product tells of, and of those whose text it shows. One query."""
    return _alerts(dict(_question("alert", here, "pk", "is_readable")))


class Questions:
    """The same, for as long as the rules stay as they are.

    A rule makes its question of where the reader stands and of the clock, and of nothing else: it is watched that none
    is asked of the database meanwhile. A key's question is made anew, for its scopes are no part of where it stands.
    """

    def __init__(self) -> None:
        self._worded = lru_cache(MOST)(_worded)

    def shown(self, kind: str, here: Standing) -> set[Any]:
        """As `shown`."""
        return shown(kind, here) if here.key else {pk for (pk,) in self._rows(kind, here, "pk")}

    def shown_alerts(self, here: Standing) -> dict[str, set[Any]]:
        """As `shown_alerts`."""
        return shown_alerts(here) if here.key else _alerts(dict(self._rows("alert", here, "pk", "is_readable")))

    def _rows(self, kind: str, here: Standing, *columns: str) -> list[Any]:
        sql, params = self._worded(kind, here, timezone.now(), columns)
        fields = (_key_of(kind), models.BooleanField())
        return statements.read(sql, params, fields[: len(columns)]) if sql else []


def _key_of(kind: str) -> Any:
    """The field that a row goes by; of one that goes by another's ID, that of the other."""
    key: Any = reading.model(kind)._meta.pk
    while key.remote_field:
        key = key.target_field
    return key


def _worded(kind: str, here: Standing, _now: dt.datetime, columns: tuple[str, ...]) -> tuple[str, tuple[Any, ...]]:
    with connection.execute_wrapper(_none_is_asked):
        try:
            return _question(kind, here, *columns).query.sql_with_params()
        except EmptyResultSet:
            return "", ()


def _question(kind: str, here: Any, *columns: str) -> Any:
    return reading.model(kind).objects.visible_to(here).order_by().values_list(*columns, flat=len(columns) == 1)


def _alerts(rows: dict[Any, bool]) -> dict[str, set[Any]]:
    return {"alert": set(rows), "alert_text": {pk for pk, is_readable in rows.items() if is_readable}}


def _none_is_asked(execute: Any, sql: str, *rest: Any) -> Any:
    """Which number a table has among Django's content types is asked once in a process, and never changes."""
    assert 'FROM "django_content_type"' in sql, f"a rule asked while it made its question: {sql}"
    return execute(sql, *rest)
