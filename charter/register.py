"""The public register: one row a council with what it decided, and how many decided what. One query."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.db.models import F, FilteredRelation, Q, QuerySet
from django.utils import timezone

from audit.exports import safe_cell
from charter.models import Adoption, Council, Framework

Row = dict[str, Any]
NONE = "none"
NOTHING = "None recorded"
WORDS: dict[str, str] = {**{str(kind): str(kind.label) for kind in Adoption.Kind}, NONE: NOTHING}
FACTS = ("id", "code", "gss", "name", "short_name", "nation", "region", "starts_on", "ends_on", "hex_q", "hex_r")
COLUMNS = {
    "Council": "name",
    "Council code": "code",
    "GSS code": "gss",
    "Type": "type",
    "Nation": "nation",
    "Region": "region",
    "Began": "starts_on",
    "Ended": "ends_on",
    "Adoption": "adoption",
    "Date of the decision": "decided_on",
    "Meeting": "meeting",
    "Minutes": "minutes_url",
    "Reservations": "reservations",
}


class Count(NamedTuple):
    """How many councils decided one kind of thing. Kinds stand side by side and are never added."""

    kind: str
    text: str
    number: int


def rows(councils: QuerySet[Council], framework: Framework | None) -> list[Row]:
    """The councils, each with its current decision about this framework (`kind` is `none` without one). One query.

    Current decisions are public, so nobody is asked who is looking.
    """
    current = Q(adoptions__ended_at=None, adoptions__framework=framework)
    found = (
        councils.annotate(now=FilteredRelation("adoptions", condition=current))
        .order_by("short_name", "code")
        .values(
            *FACTS,
            type_code=F("kind"),
            decided=F("now__kind"),
            decided_on=F("now__decided_on"),
            meeting=F("now__meeting"),
            minutes_url=F("now__minutes_url"),
            reservations=F("now__reservations"),
        )
    )
    return [_spoken(row) for row in found]


def _spoken(row: Row) -> Row:
    kind, ends_on = row.pop("decided") or NONE, row["ends_on"]
    said = {"kind": kind, "adoption": WORDS[kind], "type": Council.Kind(row.pop("type_code")).label}
    return row | said | {"is_past": bool(ends_on and ends_on < timezone.localdate())}


def decided(found: Iterable[Row]) -> list[Row]:
    """Those of these rows in which a decision is recorded."""
    return [row for row in found if row["kind"] != NONE]


def counts(found: Iterable[Row]) -> list[Count]:
    """How many of these rows there are of each kind, kinds nobody chose included."""
    number = Counter(row["kind"] for row in found)
    return [Count(kind, text, number[kind]) for kind, text in WORDS.items()]


def as_csv(found: Iterable[Row]) -> str:
    """The public facts as comma-separated values, safe to open in a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([safe_cell(row[key]) for key in COLUMNS.values()] for row in found)
    return out.getvalue()


def untiled(found: Iterable[Mapping[str, Any]]) -> int:
    """How many of the rows have no place on the tile map."""
    return sum(row["hex_q"] is None for row in found)
