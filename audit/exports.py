"""The trail on its way out: whole, for the checker, or as a sheet, for people.

An export for the checker holds the entries that its reader may see with all their columns. Of every other entry it has
the place and the digest only, so that the whole chain can be followed and nothing is told: the salt is kept back.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.utils import timezone

from audit import checker, sealing
from audit.models import Entry, Seal, SealedEntry

CHUNK = 2_000  # entries in memory at once
HEADINGS = ("Time (UK)", "Who", "What they did", "Kind of thing", "Name", "Reference", "Details", "Entry")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for the beginning of a formula


def for_checker(readable: QuerySet[Entry]) -> Iterator[bytes]:
    """The lines of an export that `audit.checker` reads, with the content of the readable entries."""
    whole, number = hashlib.sha256(), 0
    for line in _lines(readable):
        written = checker.canonical(line) + b"\n"
        whole.update(written)
        number += 1
        yield written
    yield checker.canonical({"kind": "end", "lines": number, "digest": whole.hexdigest()}) + b"\n"


def whole() -> Iterator[bytes]:
    """The same with the content of every entry: for who keeps the database and can read it anyway."""
    return for_checker(Entry.objects.all())


def as_sheet(entries: QuerySet[Entry], most: int) -> Iterator[str]:
    """These entries as comma-separated values that no spreadsheet takes for formulas, the newest first."""
    yield _row(HEADINGS)
    before = None
    while most > 0:
        rows = entries if before is None else entries.filter(pk__lt=before)
        found = list(rows.order_by("-pk")[: min(CHUNK, most)])
        yield from (_row(_cells(entry)) for entry in found)
        if len(found) < CHUNK:
            return
        before, most = found[-1].pk, most - len(found)


def safe_cell(value: object) -> str:
    """The value as text that is no formula: an apostrophe stands before what would be one. Nothing for None."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text


def _lines(readable: QuerySet[Entry]) -> Iterator[dict[str, Any]]:
    yield {"kind": "export", "format": checker.FORMAT, "made_at": checker.moment(timezone.now())}
    number, last = _reach()
    seals = Seal.objects.filter(number__lte=number).order_by("number").iterator(chunk_size=CHUNK)
    seal = next(seals, None)
    for line in _sealed(readable, last):
        while seal and line["sequence"] > seal.last:
            yield _seal_line(seal)
            seal = next(seals, None)
        yield line
    while seal:
        yield _seal_line(seal)
        seal = next(seals, None)
    yield from _unsealed(readable, last)


def _reach() -> tuple[int, int]:
    """The last seal and the last place, as of one moment: a batch that is sealed meanwhile is in both or in neither."""
    places = SealedEntry.objects.order_by("-sequence").values("sequence")[:1]
    found = Seal.objects.aggregate(number=Max("number"), last=Max(Subquery(places)))
    if found["number"] is None:  # no seal, or none any more
        return 0, SealedEntry.objects.aggregate(last=Max("sequence"))["last"] or 0
    return found["number"], found["last"] or 0


def _sealed(readable: QuerySet[Entry], last: int) -> Iterator[dict[str, Any]]:
    """Every place of the chain, with the entry where it may be read and is still there."""
    after = 0
    while places := list(
        SealedEntry.objects.filter(sequence__gt=after, sequence__lte=last).order_by("sequence")[:CHUNK]
    ):
        between = {"sealed__sequence__gt": after, "sealed__sequence__lte": places[-1].sequence}
        rows = {row[0]: row for row in readable.filter(**between).order_by().values_list(*sealing.COLUMNS)}
        there = set(Entry.objects.filter(**between).order_by().values_list("pk", flat=True))
        yield from (_place_line(place, rows.get(place.entry_id), place.entry_id in there) for place in places)
        after = places[-1].sequence


def _place_line(place: SealedEntry, row: Sequence[Any] | None, there: bool) -> dict[str, Any]:  # noqa: FBT001
    line = {"kind": "hidden" if there else "missing", "sequence": place.sequence, "digest": place.digest}
    return line if row is None else {**line, "kind": "entry", "salt": place.salt, "entry": sealing.facts_of(row)}


def _seal_line(seal: Seal) -> dict[str, Any]:
    facts = {name: getattr(seal, name) for name in checker.SEAL_COLUMNS}
    return {**facts, "kind": "seal", "sealed_at": checker.moment(seal.sealed_at), "digest": seal.digest}


def _unsealed(readable: QuerySet[Entry], last: int) -> Iterator[dict[str, Any]]:
    sealed = SealedEntry.objects.filter(entry=OuterRef("pk"), sequence__lte=last)
    rows = readable.filter(~Exists(sealed)).order_by("pk").values_list(*sealing.COLUMNS)
    yield from ({"kind": "unsealed", "entry": sealing.facts_of(row)} for row in rows.iterator(chunk_size=CHUNK))


def _cells(entry: Entry) -> tuple[object, ...]:
    moment = timezone.localtime(entry.at).strftime("%d/%m/%Y %H:%M:%S")
    who = entry.actor_name or "The platform"
    return (
        moment,
        who,
        entry.sentence,
        entry.noun,
        entry.subject_name,
        entry.subject_id,
        "; ".join(entry.facts),
        entry.pk,
    )


def _row(cells: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([safe_cell(cell) for cell in cells])
    return out.getvalue()
