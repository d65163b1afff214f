"""One question for every kind of thing: may this reader see this row? What no line opens is closed."""

from __future__ import annotations

from typing import Any

from tests.oracle import alerts, climbing, directory, learning, people, protected, register, ways
from tests.oracle.rows import Reader, Rule

KINDS: dict[str, Rule] = {
    **directory.RULES,
    **protected.RULES,
    **people.RULES,
    **alerts.RULES,
    **climbing.RULES,
    **learning.RULES,
    **register.RULES,
    **ways.RULES,
}
TABLE_OF = {"alert_text": "alert"}  # a question of its own about rows of another kind


def may_see(reader: Reader, kind: str, row: Any) -> bool:
    """Whether this reader may see this one."""
    return KINDS[kind](reader, reader.world.get(TABLE_OF.get(kind, kind), row))


def seen(reader: Reader, kind: str) -> set[Any]:
    """The IDs of all that this reader may see of a kind."""
    return {row.id for row in reader.world.all(TABLE_OF.get(kind, kind)) if KINDS[kind](reader, row)}
