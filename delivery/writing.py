"""Rows written by the set: `INSERT INTO … SELECT …`, so that people are never fetched into Python."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models import QuerySet, Value
from django.db.models.functions import Now

from delivery.models import Delivery


def insert(model: type[models.Model], rows: QuerySet[Any], **columns: str) -> None:
    """Write one row of the model for each row found. Every value comes from the queryset and travels as a parameter."""
    _insert(model, rows, columns, "{rows}")


def insert_or_leave(model: type[models.Model], rows: QuerySet[Any], **columns: str) -> None:
    """The same; where the database would not have a second such row, the first stays as it is."""
    # After FROM alone SQLite would take this ON for that of a join.
    _insert(model, rows, columns, "SELECT * FROM ({rows}) AS found WHERE TRUE ON CONFLICT DO NOTHING")


def _insert(model: type[models.Model], rows: QuerySet[Any], columns: Mapping[str, str], how: str) -> None:
    quote = connection.ops.quote_name
    names = ", ".join(quote(_column(model, name)) for name in columns)
    try:
        sql, params = rows.values_list(*columns.values()).query.sql_with_params()
    except EmptyResultSet:  # it can be seen without asking that there is no such row
        return
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({names}) {how.format(rows=sql)}", params)


def deliveries(recipients: QuerySet[Any], way: str, *, are_new: bool = False, **values: Any) -> None:
    """Write what is owed to these recipients by this channel, due now; who is owed it already is owed it once. Of
    recipients who `are_new` nobody is: that is quicker."""
    fixed = {"channel": way, "state": Delivery.State.QUEUED, "detail": "", **values}
    rows = recipients.annotate(
        due=Now(),
        none=Value(0, models.IntegerField()),
        no=Value(False, models.BooleanField()),
        its_urgency=models.F("mailing__urgency"),
        **{f"its_{name}": Value(value, models.CharField()) for name, value in fixed.items()},
    )
    own = {"recipient": "pk", "mailing": "mailing", "due_at": "due", "attempts": "none", "possible_repeat": "no"}
    columns = {name: f"its_{name}" for name in (*fixed, "urgency")}
    write = insert if are_new else insert_or_leave
    write(Delivery, rows.order_by("pk"), **own, **columns)


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101
    return str(field.column)
