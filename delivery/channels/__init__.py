"""The ways out of the platform. Each takes letters for one mailing and says, letter by letter, how it went.

A channel is a context manager whose `send(mailing, batch)` yields one `Outcome` for each `Item`. Opening it
raises `Unreachable` when its server cannot be reached. It writes nothing: the engine keeps the ledger.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple
from uuid import UUID


class Result(Enum):
    """What became of one letter."""

    ACCEPTED = "the next server took responsibility"
    REFUSED = "for good"
    LATER = "refused for now: try again"
    UNSURE = "handed over, and no answer: it may or may not have been accepted"
    UNTRIED = "not begun, because the line was lost before its turn"


class Item(NamedTuple):
    """One letter to write: the delivery it is for, and what is filled in."""

    delivery: int
    mailing: UUID
    address: str
    name: str
    reason: str


class Outcome(NamedTuple):
    """How one delivery went, and the server's words."""

    delivery: int
    result: Result
    detail: str = ""


class Unreachable(Exception):  # noqa: N818
    """The server cannot be reached, or not in the way the settings ask for. Nothing was handed over."""
