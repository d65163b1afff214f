"""The ways out of the platform. Each takes letters for one mailing and says, letter by letter, how it went.

A way is a class with the shape of `Channel`, in a module of its own, and has a line in `CHANNELS`. It writes nothing:
the engine keeps the ledger.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from functools import cache
from types import TracebackType
from typing import NamedTuple, Protocol, Self, cast
from uuid import UUID

from django.db.models import Q
from django.db.models.expressions import Combinable
from django.utils.module_loading import import_string

from delivery.models import Mailing

# By the word that `Delivery.Channel` has for it. What fails by one is tried by the next that `stands_in`.
CHANNELS = {
    "email": "delivery.channels.email.Email",
    "text": "delivery.channels.text.Text",
    "webhook": "delivery.channels.webhook.Webhook",
}


class Result(Enum):
    """What became of one letter."""

    ACCEPTED = "the next server took responsibility"
    REFUSED = "for good"
    LATER = "refused for now: try again"
    UNSURE = "handed over, and no answer: it may or may not have been accepted"
    UNTRIED = "not begun, because the line was lost before its turn"


class Listed(NamedTuple):
    """One line of a person's summary, and where it is read."""

    words: str
    link: str


class Item(NamedTuple):
    """One letter to write: the delivery it is for, and what is filled in. Only a daily summary has a list."""

    delivery: int
    mailing: UUID
    person: UUID
    address: str
    name: str
    reason: str
    listed: tuple[Listed, ...] = ()


class Outcome(NamedTuple):
    """How one delivery went, the server's words, and the server's own name for the message where it has one."""

    delivery: int
    result: Result
    detail: str = ""
    receipt: str = ""


class Unreachable(Exception):  # noqa: N818
    """The server cannot be reached, or not in the way the settings ask for. Nothing was handed over."""


class Channel(Protocol):
    """A line, open from `with` to its end or until the server closes it. Opening it raises `Unreachable`."""

    is_open: bool
    handed_over: int  # letters whose body went over
    stands_in: bool  # whether it may be tried when another way has failed

    @staticmethod
    def server() -> str:
        """The one server that everything goes through, whose breaker it is; empty when each address has its own."""

    @staticmethod
    def address() -> Combinable | str:
        """Where a delivery goes, asked of its row; null or empty when the person cannot be reached this way."""

    @staticmethod
    def wanted(mailing: Mailing) -> Q:
        """Which recipients of a mailing get one at its release."""

    @staticmethod
    def reaches() -> Q:
        """Which recipients can be reached this way when another has failed."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, mailing: Mailing, batch: Sequence[Item]) -> Iterator[Outcome]:
        """Hand over each letter in turn and yield one outcome each."""


@cache
def channel(name: str) -> type[Channel]:
    """The way of this name. Raises KeyError when there is none."""
    return cast("type[Channel]", import_string(CHANNELS[name]))


def stands_in_for(name: str) -> list[str]:
    """The ways to try when this one has failed, in order."""
    later = list(CHANNELS)[list(CHANNELS).index(name) + 1 :]
    return [other for other in later if channel(other).stands_in]


def wanted_by(mailing: Mailing) -> dict[str, Q]:
    """For each way, which recipients of a mailing get one at its release."""
    return {name: channel(name).wanted(mailing) for name in CHANNELS}
