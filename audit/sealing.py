"""Puts seals on the trail: gives each entry its place in the chain, a batch at a time. No entry is touched.

On PostgreSQL IDs are handed out in one order and committed in another, so the chain goes by a number given here, and
each round takes whatever has been committed and has no number yet. The form that is sealed is `audit.checker`'s.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.db.models.functions import Now

from audit import checker
from audit.models import Entry, Seal, SealedEntry, Sweep

BATCH = 5_000  # entries under one seal, and in memory at once
ROUNDS = 40  # batches in one sweep: the bell rings again
# How many IDs back an entry is looked for that was committed late. `everything` looks at all of them, once a day.
LOOK_BACK = 100_000
COLUMNS = tuple(field.attname for field in Entry._meta.local_concrete_fields)
MOMENTS, IDENTIFIERS = frozenset({"at"}), frozenset({"actor_id", "network_id", "agency_id"})


def sweep(*, everything: bool = False) -> int:
    """Seal what is not sealed yet, and return how many entries that were. Two at once wait for each other, and a sweep
    that dies has sealed whole batches or nothing."""
    sealed = 0
    for _ in range(ROUNDS):
        number = _seal_batch(everything=everything)
        sealed += number
        if number < BATCH:
            break
    return sealed


def newest() -> Seal | None:
    """The last seal of the chain."""
    return Seal.objects.order_by("-number").first()


def facts_of(row: Sequence[Any]) -> dict[str, Any]:
    """A row of `COLUMNS` as it is sealed and exported: plain JSON, moments in UTC, identifiers as text."""
    return {name: _plain(name, value) for name, value in zip(COLUMNS, row, strict=True)}


@transaction.atomic
def _seal_batch(*, everything: bool) -> int:
    now, last = _take_turn(), newest()
    sealed_at = max(now, last.sealed_at) if last else now  # a clock that was put back does not turn the chain round
    rows = list(_unsealed(everything=everything).values_list(*COLUMNS).order_by("pk")[:BATCH])
    if not rows:
        return 0
    first = last.last + 1 if last else 1
    places = [_place(sequence, row) for sequence, row in enumerate(rows, first)]
    SealedEntry.objects.bulk_create(places, batch_size=BATCH)
    said = {
        "number": last.number + 1 if last else 1,
        "previous": last.digest if last else checker.FIRST_PREVIOUS,
        "first": first,
        "last": first + len(rows) - 1,
        "count": len(rows),
        "root": checker.root_digest(place.digest for place in places),
    }
    digest = checker.seal_digest({**said, "sealed_at": checker.moment(sealed_at)})
    Seal.objects.create(**said, sealed_at=sealed_at, digest=digest)
    return len(rows)


def _take_turn() -> Any:
    """Wait until nobody else is sealing; the row is ours to the end of the transaction. The database's own moment."""
    Sweep.objects.bulk_create([Sweep(pk=1)], ignore_conflicts=True)
    Sweep.objects.filter(pk=1).update(swept_at=Now())
    return Sweep.objects.annotate(now=Now()).values_list("now", flat=True).get(pk=1)  # after waiting, not before


def _unsealed(*, everything: bool) -> QuerySet[Entry]:
    rows = Entry.objects.filter(~Exists(SealedEntry.objects.filter(entry=OuterRef("pk"))))
    reached = None if everything else SealedEntry.objects.aggregate(reached=Max("entry_id"))["reached"]
    return rows.filter(pk__gt=reached - LOOK_BACK) if reached else rows


def _place(sequence: int, row: Sequence[Any]) -> SealedEntry:
    salt = secrets.token_hex(16)
    digest = checker.entry_digest(sequence, salt, facts_of(row))
    return SealedEntry(sequence=sequence, entry_id=row[0], salt=salt, digest=digest)


def _plain(name: str, value: Any) -> Any:
    if name in MOMENTS:
        return checker.moment(value)
    return str(value) if name in IDENTIFIERS and value is not None else value
