from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from audit import checker, exports, sealing, trail
from audit.models import Entry, Seal, SealedEntry
from tests.append_only import lifted


@pytest.fixture
def honest(haven, harbour, mia, otto) -> list[Entry]:
    """Nine deeds under three seals, and a tenth that is not sealed yet."""
    found = []
    for number in range(10):
        agency, by = (haven, mia) if number % 2 else (harbour, otto)
        found.append(trail.record("agency.edit", agency, by=by, number=number, words="é ” \U0001f511 \x7f"))
        if number in {2, 5, 8}:
            sealing.sweep()
    return found


@pytest.fixture
def forger() -> Iterator[Callable[..., int]]:
    """Somebody with the database in their hands and the refusal lifted: `forger(sql, *values)`."""

    def run(sql: str, *values: object) -> int:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.rowcount

    with lifted():
        yield run


@pytest.fixture
def checked() -> Callable[..., list[tuple[str, str]]]:
    """What the checker finds in an export of the table as it is now, as (kind, words)."""

    def found(*known: tuple[int, str]) -> list[tuple[str, str]]:
        return checker.check(list(exports.whole()), known).findings

    return found


def reseal(forger: Callable[..., int], first: int) -> None:
    """What a thorough forger does: work the chain out anew from this seal on."""
    previous = Seal.objects.get(number=first - 1).digest if first > 1 else checker.FIRST_PREVIOUS
    for seal in Seal.objects.filter(number__gte=first).order_by("number"):
        digests = []
        for place in SealedEntry.objects.filter(sequence__range=(seal.first, seal.last)).order_by("sequence"):
            row = Entry.objects.values_list(*sealing.COLUMNS).get(pk=place.entry_id)
            digests.append(checker.entry_digest(place.sequence, place.salt, sealing.facts_of(row)))
            forger("UPDATE audit_sealedentry SET digest = %s WHERE sequence = %s", digests[-1], place.sequence)
        facts = {name: getattr(seal, name) for name in checker.SEAL_COLUMNS}
        facts |= {
            "previous": previous,
            "root": checker.root_digest(digests),
            "sealed_at": checker.moment(seal.sealed_at),
        }
        previous = checker.seal_digest(facts)
        sql = "UPDATE audit_seal SET previous = %s, root = %s, digest = %s WHERE number = %s"
        forger(sql, facts["previous"], facts["root"], previous, seal.number)
