"""Faults in the statement that the directory's lists, counts and searches are read with."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from directory import reading
from tests.worlds.planting import fault


def swapped(name: str, old: str, new: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Other words in a part of the statement. The words must be there, or the fault would be none."""

    def plant(patch: pytest.MonkeyPatch) -> None:
        part = getattr(reading, name)
        assert old in part, f"the statement does not say {old!r} any more: say the fault in its new words"
        patch.setattr(reading, name, part.replace(old, new))

    return plant


UNTIL = "({0}.until_at IS NULL OR {0}.until_at > {{now}})"
UNSUSPENDED = "(m.suspended_at IS NULL OR m.suspended_at > {now})"
GIVEN = "SELECT 1 FROM here WHERE agreed AND role IN"
NATION = "EXISTS (SELECT 1 FROM here WHERE role = 'national')"
WRONG = {
    "PERSON": {
        "the list forgets that accounts close": ("AND u.is_active", ""),
        "the list counts appointments to come": ("a.from_at <= {now} AND", ""),
        "the list counts ended appointments": (UNTIL.format("a"), "TRUE"),
        "the list counts the end itself in": ("a.until_at > {now}", "a.until_at >= {now}"),
        "the list forgets suspensions": (UNSUSPENDED, "TRUE"),
        "the list forgets that networks end": ("(n.ended_at IS NULL OR n.ended_at > {now})", "TRUE"),
        "the list takes a lapsed agreement": (UNTIL.format("g"), "TRUE"),
        "the list takes any network's agreement": ("AND g.network_id = m.network_id", ""),
    },
    "REACH": {"the list takes suspended agencies for members": (UNSUSPENDED, "TRUE")},
    "RULE": {
        "the list asks for no agreement": ("AND h.agreed", ""),
        "the list takes shares nobody accepted": ("AND s.accepted_at <= {now}", ""),
        "the list takes ended shares": (f"AND {UNTIL.format('s')}", ""),
        "the list takes ended grants": ("AND g.until_at > {now}", ""),
        "the list takes anybody's grant": ("AND g.user_id = %(person)s", ""),
        "the list lets a grant help everybody": (GIVEN, GIVEN.replace("AND", "OR")),
        "the list tells of all restricted things": ("WHEN 'restricted' THEN", "WHEN 'restricted' THEN TRUE OR"),
        "the list tells the nation of concealed things": (
            "WHEN 'concealed' THEN", f"WHEN 'concealed' THEN {NATION} OR"
        ),
    },
}  # fmt: skip
for part, mistakes in WRONG.items():
    for what, (old, new) in mistakes.items():
        fault(what, "listing")(swapped(part, old, new))
