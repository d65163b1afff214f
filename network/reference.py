"""Reference tables: facts kept in CSV files inside the project, each row with its source, loaded as often as you like.

A command for a table makes one call of `run`. What a file no longer holds is reported, never deleted: other rows may
stand on it, and what ended has a date.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from audit import trail
from network.models import Area

BATCH = 500
LISTED = 20
Row = dict[str, Any]
Keys = Sequence[Sequence[str]]


class TableError(Exception):
    """A reference file that cannot be loaded. Says which file, which row, and what is wrong with it."""


@dataclass
class Changes:
    """What one load did, or would do: names of rows added, “what: old → new” of those changed, and the rest."""

    table: str
    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    absent: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.added or self.changed)

    def lines(self, *, rehearsal: bool = False) -> Iterator[str]:
        """The account of it, for people: one line of counts, then each row that changed or is in no file."""
        verb = "would be " if rehearsal else ""
        counts = f"{len(self.added)} {verb}added, {len(self.changed)} {verb}changed, {self.unchanged} as before"
        yield f"{self.table}: {counts}" + (f", {len(self.absent)} not in the file" if self.absent else "")
        yield from (f"  ~ {line}" for line in self.changed)
        yield from (f"  + {name}" for name in (self.added if len(self.added) <= LISTED else []))
        yield from (f"  ? {name} is here but not in the file" for name in self.absent)


def read(path: Path, columns: Sequence[str]) -> list[Row]:
    """The rows of a CSV file in UTF-8, each with its line number under “line”.

    Raises TableError if the file is missing, empty, not UTF-8, or its columns are not exactly these.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            rows = [{**row, "line": reader.line_num} for row in reader]
            found = list(reader.fieldnames or [])
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise TableError(f"{path.name} cannot be read: {problem}") from problem
    if sorted(found) != sorted(columns):
        raise TableError(
            f"{path.name} must have the columns {', '.join(columns)}; it has {', '.join(found) or 'none'}."
        )
    for row in rows:
        if None in row or None in row.values():
            raise TableError(f"{path.name}, row {row['line']}: it has more or fewer cells than there are columns.")
    if not rows:
        raise TableError(f"{path.name} has no rows.")
    return rows


def load(model: type[models.Model], keys: Keys, rows: Iterable[Row], *, file: str) -> Changes:
    """Make the table hold these rows, and return what that took. Call it inside a transaction.

    A row is found again by the first of `keys` whose fields are all filled in, then by the next: by code, else by name.
    Values may be text as it stands in a file. The number of queries does not depend on what is in the table already,
    except that large tables are written in batches. Raises TableError naming the row that is not valid.
    """
    columns: list[str] = []
    wanted = [_parsed(model, row, file) for row in rows]
    existing = list(_rows(model).order_by("pk"))
    index = _indexed(existing, keys)
    changes = Changes(str(model._meta.verbose_name_plural).capitalize())
    new: list[models.Model] = []
    altered: list[models.Model] = []
    met: dict[Any, int] = {}
    for values, line in wanted:
        columns = list(values)
        found = next((index[key] for key in _keys_of(values, keys) if key in index), None)
        row = found or model(**values)
        _once_only(met, [*_keys_of(values, keys), *([found.pk] if found else [])], file, line)
        if found is None:
            new.append(row)
            changes.added.append(str(row))
        elif lines := _assign(found, values):
            altered.append(found)
            changes.changed.append(f"{found}: {'; '.join(lines)}")
        else:
            changes.unchanged += 1
    _rows(model).bulk_create(new, batch_size=BATCH)
    _rows(model).bulk_update(altered, columns, batch_size=BATCH)
    changes.absent = [str(row) for row in existing if row.pk not in met]
    return changes


def link(model: type[models.Model], name: str, wanted: Mapping[Any, set[Any]]) -> tuple[int, int]:
    """Make the many-to-many field `name` of these rows (by primary key) hold exactly these; return (added, removed)."""
    relation: Any = model._meta.get_field(name)
    through, near, far = relation.remote_field.through, relation.m2m_column_name(), relation.m2m_reverse_name()
    held = {(a, b): pk for pk, a, b in _rows(through).values_list("pk", near, far) if a in wanted}
    asked = {(near_pk, far_pk) for near_pk, far_pks in wanted.items() for far_pk in far_pks}
    new = [through(**{near: a, far: b}) for a, b in sorted(asked - set(held))]
    gone = [held[pair] for pair in set(held) - asked]
    _rows(through).bulk_create(new, batch_size=BATCH)
    for start in range(0, len(gone), BATCH):
        _rows(through).filter(pk__in=gone[start : start + BATCH]).delete()
    return len(new), len(gone)


def linked(changes: Changes, what: str, counts: tuple[int, int]) -> Changes:
    """The changes with the links that came and went counted among them, except when the whole table is new."""
    if any(counts) and (changes.changed or changes.unchanged):
        changes.changed.append(f"{what}: {counts[0]} added, {counts[1]} removed")
    return changes


@transaction.atomic
def run(loader: Callable[[], Changes], model: type[models.Model], *, rehearsal: bool = False) -> Changes:
    """Load one table whole or not at all, leave one entry in the audit trail if anything changed, return what did.

    A rehearsal does the same and then takes it back, so that what it says is what would happen.
    """
    changes = loader()
    if changes:
        whole_table = model(pk="")
        trail.record(
            f"{model._meta.model_name}.load", whole_table, added=len(changes.added), changed=len(changes.changed)
        )
    if rehearsal:
        transaction.set_rollback(True)
    return changes


# ── Areas ─────────────────────────────────────────────────────────────────────────────────────────────────────────────
AREAS = Path(__file__).parent / "data" / "areas.csv"
AREA_COLUMNS = ("kind", "name", "gss", "starts_on", "ends_on", "within", "source", "source_on")


def load_areas(path: Path = AREAS) -> Changes:
    """Nations, regions, police force areas, counties and council areas, and which lies within which."""
    rows = read(path, AREA_COLUMNS)
    wider = {(row["kind"], row["name"]): (row.pop("within"), row["line"]) for row in rows}
    changes = load(Area, [("kind", "gss"), ("kind", "name")], rows, file=path.name)
    areas = {(area.kind, area.name): area.pk for area in Area.objects.all()}
    within = {
        areas[key]: {_found(areas, name, path.name, line) for name in names.split("; ") if name}
        for key, (names, line) in wider.items()
    }
    return linked(changes, "which area lies within which", link(Area, "within", within))


def _found(areas: Mapping[tuple[str, str], Any], name: str, file: str, line: int) -> Any:
    kind, _, area = name.partition(":")
    if (kind, area) not in areas:
        raise TableError(f"{file}, row {line}: there is no area “{name}”.")
    return areas[kind, area]


# ── Parts of a load ───────────────────────────────────────────────────────────────────────────────────────────────────
def _rows(model: type[models.Model]) -> models.Manager[Any]:
    return model._default_manager  # noqa: SLF001 — the name under which Django documents it


def _parsed(model: type[models.Model], row: Row, file: str) -> tuple[Row, int]:
    """The row's values as the model holds them, checked one by one, and its line."""
    values: Row = {}
    for name in row:
        if name != "line":
            try:
                values[name] = _value(model._meta.get_field(name), row[name])
            except ValidationError as problem:
                message = " ".join(problem.messages)
                raise TableError(f"{file}, row {row['line']}: {name} “{row[name]}”: {message}") from problem
    return values, row["line"]


def _value(column: Any, value: Any) -> Any:
    if not isinstance(value, str) or column.is_relation:
        return value
    if value == "" and column.null:
        return None
    return column.clean(value.strip(), None)


def _keys_of(values: Mapping[str, Any], keys: Keys) -> list[tuple[Any, ...]]:
    """The row's keys, most telling first; one with an empty part tells nothing."""
    found = [(*key, *(values[name] for name in key)) for key in keys]
    return [key for key in found if all(part not in {"", None} for part in key)]


def _indexed(existing: Iterable[models.Model], keys: Keys) -> dict[tuple[Any, ...], models.Model]:
    names = {name for key in keys for name in key}
    return {key: row for row in existing for key in _keys_of({name: getattr(row, name) for name in names}, keys)}


def _once_only(met: dict[Any, int], keys: Sequence[Any], file: str, line: int) -> None:
    """Each row of a file stands for another row of the table."""
    for key in keys:
        if key in met:
            raise TableError(f"{file}, row {line}: the same as row {met[key]}.")
        met[key] = line


def _assign(row: models.Model, values: Row) -> list[str]:
    """Give the row its new values; return “field: old → new” for each that differs."""
    lines = []
    for name, new in values.items():
        old = getattr(row, name)
        if old != new:
            lines.append(f"{name}: {_shown(old)} → {_shown(new)}")
            setattr(row, name, new)
    return lines


def _shown(value: Any) -> str:
    return "nothing" if value in {"", None} else f"“{value}”"
