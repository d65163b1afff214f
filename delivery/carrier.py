"""Carrying the post: leases go out, letters are handed over, and the ledger says at each moment what is known.

The promise is: nobody is lost, and nobody has it twice by email unless the row says that it may be so. Hence the
order: a batch is written down as being sent and committed, then handed over, then its outcomes are written in bulk.
A process killed in between leaves at most one batch unsure.
"""

from __future__ import annotations

import itertools
import logging
import math
import time
from collections.abc import Iterator, Mapping
from uuid import UUID

from delivery import breakers, gate, ledger
from delivery.channels import Channel, Item, Outcome, Result, Unreachable, channel
from delivery.ledger import Held, Ticket
from delivery.models import Mailing

# Outcomes are committed for so many at a time. More would save little (two statements a batch are already well under
# a tenth of its time) and would make more messages unsure whenever a process is killed in the middle.
BATCH = 50
PATIENCE = 15.0  # seconds after which outcomes are written although the batch is not finished
FRESH = 5.0  # seconds for which it is taken as known who may be sent to
WINDOW = 8  # leases of one urgency in force at once; each that is done fetches the next
logger = logging.getLogger(__name__)


def dispatch() -> list[Ticket]:
    """Free what is stuck, and lease what is due; return the tickets to ring for.

    It may be asked by anybody at any time: two at once lease different rows.
    """
    if swept := ledger.sweep():
        logger.warning("deliveries_unsure", extra={"count": swept})
    if stuck := ledger.stuck():
        logger.warning("deliveries_not_moving", extra={"count": stuck})
    if not gate.looks_right():
        return []
    return [ticket for way, urgency in ledger.due() for ticket in _leases(way, urgency)]


def deliver(ticket: UUID) -> Ticket | None:
    """Send what this ticket stands for; return the next lease to ring for, if more is due.

    A ticket that was used, or whose lease ended and went to somebody else, stands for nothing.
    """
    held = ledger.take(ticket)
    if not held.items:
        return None
    mailings = Mailing.objects.select_related("network").in_bulk({item.mailing for item in held.items})
    if not _carry(held, mailings):
        return None
    urgency = mailings[held.items[0].mailing].urgency
    return ledger.lease(held.way, urgency, after=max(item.delivery for item in held.items))


def _leases(way: str, urgency: str) -> Iterator[Ticket]:
    """As many as there is room for; of a server that fails, one to try it with, when it is time."""
    room = breakers.room(channel(way).server(), WINDOW - ledger.leased(way, urgency))
    size, after = ledger.FIRST, 0
    for _ in range(room):
        ticket = ledger.lease(way, urgency, size=size, after=after)
        if ticket is None:
            return
        yield ticket
        size, after = ledger.CHUNK, ticket.last


def _carry(held: Held, mailings: Mapping[UUID, Mailing]) -> bool:
    """Hand everything over on one line, and account for those that were not begun; return whether to go on.

    A server that closes the line after taking some (many limit messages a connection) is asked again at once; one
    that takes nothing is left alone for a while.
    """
    mine, way = held.fence, channel(held.way)
    entitled = _Entitled(mine)
    try:
        with way() as line:
            breakers.worked(way.server())
            for mailing, batch in _batches(mailings, held.items):
                if line.is_open:
                    _carry_batch(mine, line, mailing, entitled.of(batch))
    except Unreachable as problem:
        logger.warning("server_unreachable", extra={"channel": held.way})
        breakers.failed(way.server(), str(problem))
        ledger.let_go(mine, f"The server could not be reached. {problem}")
        return False
    goes_on = line.is_open or bool(line.handed_over)
    ledger.let_go(mine, "" if goes_on else "The server closed the line.", tried=False)
    return goes_on and gate.is_open()


class _Entitled:
    """Who may still be sent to: asked once for a chunk, and again when the answer is no longer fresh."""

    def __init__(self, mine: UUID) -> None:
        self._mine, self._asked, self._found = mine, -math.inf, set[int]()

    def of(self, batch: list[Item]) -> list[Item]:
        """Those of the batch who may be sent to."""
        if time.monotonic() - self._asked >= FRESH:
            self._asked = time.monotonic()
            self._found = ledger.sendable(self._mine) if gate.is_open() else set()
        return [item for item in batch if item.delivery in self._found]


def _batches(mailings: Mapping[UUID, Mailing], items: list[Item]) -> Iterator[tuple[Mailing, list[Item]]]:
    """One mailing at a time, and not too many at a time."""
    for key, group in itertools.groupby(items, key=lambda item: item.mailing):
        rest = list(group)
        for start in range(0, len(rest), BATCH):
            yield mailings[key], rest[start : start + BATCH]


def _carry_batch(mine: UUID, line: Channel, mailing: Mailing, batch: list[Item]) -> None:
    done: list[Outcome] = []
    noted = time.monotonic()
    for outcome in _outcomes(line, mailing, ledger.begin(mine, batch)):
        done.append(outcome)
        if time.monotonic() - noted > PATIENCE:
            _record(mine, done)
            ledger.renew(mine)
            done, noted = [], time.monotonic()
    _record(mine, done)


def _outcomes(line: Channel, mailing: Mailing, begun: list[Item]) -> Iterator[Outcome]:
    """The channel's outcomes. A message that cannot be made is a problem of each, to be seen and tried again."""
    said = 0
    try:
        for outcome in line.send(mailing, begun):
            said += 1
            yield outcome
    except Exception as problem:
        logger.exception("message_could_not_be_made")
        for number, item in enumerate(begun[said:]):
            result = Result.LATER if number else Result.UNSURE
            yield Outcome(item.delivery, result, f"The message could not be made: {type(problem).__name__}")


def _record(mine: UUID, done: list[Outcome]) -> None:
    written = ledger.record(mine, done)
    if written != len(done):
        logger.warning("outcomes_came_too_late", extra={"count": len(done) - written})
