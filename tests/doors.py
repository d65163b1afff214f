"""The table of doors, `tests/doors.txt`: how it is read, shared out, and how each of its lines is tried."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.conftest import CAST

SIGNED_IN = [name for name in CAST if name != "anonymous"]
WATCHERS = ("mia", "anonymous")  # enough to see that a method is not answered
# These ask for a fresh factor first, as does what is pressed with more words in it: tests/test_stale_factor.py.
ASKS_AGAIN = {
    ("account_app", "get"), ("account_app", "post"), ("account_passkey", "get"), ("account_passkey", "post"),
    ("account_address", "get"), ("account_address", "post"),
    ("account_recovery_codes", "post"), ("account_remove_factor", "get"), ("account_remove_factor", "post"),
    ("delivery:resume", "post"), ("delivery:remove_number", "post"),
    ("directory:end_grant", "post"), ("directory:reveal_mobile", "post"), ("network:succession_carry_out", "post"),
}  # fmt: skip
A_SLICE = 24  # addresses at most in one test
TABLE = Path(__file__).with_name("doors.txt")


class Door(NamedTuple):
    """One line of the table."""

    route: str
    which: str
    method: str
    answers: dict[str, int]


def doors() -> Iterator[Door]:
    """The lines of the table."""
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            route, which, method, rest = line.split(maxsplit=3)
            yield Door(route, which, method.lower(), answers_in(rest))


def answers_in(text: str) -> dict[str, int]:
    """`200 mia ben | 404 rest` as a person's expected answer."""
    said = {name: int(part.split()[0]) for part in text.split("|") for name in part.split()[1:]}
    rest = said.pop("rest", 0)
    return {"anonymous": 302, **{name: rest for name in SIGNED_IN if rest}, **said}


DOORS = list(doors())
PLACES = list(dict.fromkeys((door.route, door.which) for door in DOORS))


def package_of(route: str) -> str:
    """The package an address belongs to; those of accounts and of the open pages have none in their names."""
    package, colon, _ = route.partition(":")
    return package if colon else "account" if route.startswith("account") else "home"


def sliced() -> dict[str, list[tuple[str, str]]]:
    """The places of each package, a large one in several parts so that processes can share them evenly."""
    found = {}
    for package in sorted({package_of(route) for route, _ in PLACES}):
        places = [place for place in PLACES if package_of(place[0]) == package]
        parts = -(-len(places) // A_SLICE)
        for part in range(parts):
            found[f"{package}-{part + 1}" if parts > 1 else package] = places[part::parts]
    return found


SLICES = sliced()
FIRST = dict(reversed(PLACES))  # one place of each route


def visits(route: str, which: str, expected: dict[str, dict[str, int]]) -> Iterator[tuple[str, str, str]]:
    """By which method, by whom, and with a second factor of when each place is tried.

    Who is let in comes with one given an hour ago, and who is shut out with one given just now: so nobody is let in for
    its freshness, nor shut out for want of it. The nation, to whom alone a fresh one shows more, comes with both.
    """
    for method in ("get", "post"):
        if method not in expected and which == FIRST[route]:
            yield from ((method, name, "fresh") for name in WATCHERS)
        for name, status in expected.get(method, {}).items():
            is_let_in = status in {200, 302} and (route, method) not in ASKS_AGAIN
            if is_let_in:
                yield method, name, "stale"
            if not is_let_in or (name == "nora" and method == "get"):
                yield method, name, "fresh"
