"""The delivery table as a queue: who holds which rows, and what became of them.

Each step is one conditional UPDATE whose own WHERE names the state and the fence it relies on, so that it is right
on both engines and under any interleaving: PostgreSQL checks those columns again when it has waited for another
writer, and SQLite lets one write at a time. No row is ever locked while mail is being sent. All times are the
database's.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import BooleanField, Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce, Now

from delivery import digests, wishes
from delivery.channels import Item, Outcome, Result, channel
from delivery.entitlement import entitled
from delivery.fallback import next_way
from delivery.models import Deliveries, Delivery, Mailing
from delivery.reasons import kept

State = Delivery.State

LAPSED = "No longer appointed, no longer in the network, or its agreement not signed."
CHUNK = 250  # rows in one lease: a few hundred milliseconds of work
FIRST = 25  # rows in the first lease of a round, so that the first message leaves at once
WAITING_LEASE = dt.timedelta(seconds=20)  # how long a leased row may wait for its bell: what a lost bell costs
SENDING_LEASE = dt.timedelta(seconds=120)  # longer than any one answer of the mail server is waited for
AGAIN = [dt.timedelta(seconds=seconds) for seconds in (10, 30, 60, 120, 300, 600, 900)]


class Ticket(NamedTuple):
    """A lease that somebody should ring for: its fence, what it is for, and the last row in it."""

    fence: UUID
    way: str
    urgency: str
    last: int


class Held(NamedTuple):
    """What one process sends: rows of one channel, under a fence of its own."""

    fence: UUID
    way: str
    items: list[Item]


def due() -> list[tuple[str, str]]:
    """The channels and urgencies of which something is due and free, the most urgent first."""
    ranks = {urgency.value: rank for rank, urgency in enumerate(Mailing.Urgency)}
    found = _free().order_by().values_list("channel", "urgency").distinct()
    return sorted(found, key=lambda pair: (ranks[pair[1]], pair[0]))


def lease(way: str, urgency: str, *, size: int = CHUNK, after: int = 0) -> Ticket | None:
    """Lease the next due rows of this channel and urgency by range of ID; None when nothing is due and free.

    Two that ask at once may look at the same range; the rows go to one of them and the other looks again.
    """
    free = _free().filter(channel=way, urgency=urgency)
    while ids := list(free.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:size]):
        fence = uuid4()
        if free.filter(pk__range=(ids[0], ids[-1])).update(fence=fence, lease_until=Now() + WAITING_LEASE):
            return Ticket(fence, way, urgency, ids[-1])
    return lease(way, urgency, size=size) if after else None


def leased(way: str, urgency: str) -> int:
    """How many leases of this channel and urgency are in force."""
    rows = Delivery.objects.filter(fence__isnull=False, channel=way, urgency=urgency, lease_until__gt=Now())
    return rows.values("fence").distinct().count()


def take(ticket: UUID) -> Held:
    """Exchange a ticket for the rows, under a fence that only the caller knows; no rows if somebody else has.

    A bell may ring twice, also at the same time: the ticket is good once.
    """
    rows = Delivery.objects.owed().filter(fence=ticket)
    mine, way = uuid4(), rows.values_list("channel", flat=True).first()
    if way is None or not rows.update(fence=mine, lease_until=Now() + SENDING_LEASE):
        return Held(mine, "", [])
    held = Delivery.objects.filter(fence=mine).annotate(address=Coalesce(channel(way).address(), Value("")))
    in_order = held.order_by("mailing", "attempts", "pk")  # what made trouble goes last
    return Held(mine, way, _written(mine, in_order))


def sendable(mine: UUID) -> set[int]:
    """The rows under this fence that may be sent at this moment: the person still speaks for that agency, the agency
    is still in that network, nothing the person asked for speaks against it, and the message has neither expired nor
    been withdrawn nor outlived its deadline."""
    going = Q(expires_at=None) | Q(expires_at__gt=Now())
    mailings = Mailing.objects.filter(going, withdrawn_at=None, deadline_at__gt=Now()).values("pk")
    rows = Delivery.objects.filter(wishes.may_go(), fence=mine, mailing__in=mailings)
    return set(_entitled(rows).values_list("pk", flat=True))


def begin(mine: UUID, batch: Sequence[Item]) -> list[Item]:
    """Write down that these are being sent, before any of them is; return those that may be.

    What was withdrawn, and what somebody else holds by now, is not begun. A row that was unsure is marked as one that
    may arrive twice.
    """
    ids = [item.delivery for item in batch]
    begun = (
        Delivery.objects.owed()
        .filter(pk__in=ids, fence=mine)
        .update(
            state=State.SENDING,
            attempts=F("attempts") + 1,
            possible_repeat=Case(
                When(state=State.UNSURE, then=Value(True)), default=F("possible_repeat"), output_field=BooleanField()
            ),
            lease_until=Now() + SENDING_LEASE,
        )
    )
    if begun == len(batch):
        return list(batch)
    ours = set(Delivery.objects.filter(pk__in=ids, fence=mine, state=State.SENDING).values_list("pk", flat=True))
    return [item for item in batch if item.delivery in ours]


def record(mine: UUID, outcomes: Sequence[Outcome]) -> int:
    """Write outcomes down where the fence still holds; return how many were written."""
    alike: dict[tuple[Result, str], list[int]] = defaultdict(list)
    for outcome in outcomes:
        alike[outcome.result, kept(outcome.detail)].append(outcome.delivery)
    _keep_receipts(mine, outcomes)
    return sum(_write(mine, ids, result, detail) for (result, detail), ids in alike.items())


def renew(mine: UUID) -> int:
    """Hold on to what is still being sent under this fence; return how many rows that is."""
    return Delivery.objects.filter(fence=mine, state=State.SENDING).update(lease_until=Now() + SENDING_LEASE)


def let_go(mine: UUID, problem: str = "", *, tried: bool = True) -> None:
    """Account for the rows under this fence that were not begun: close what must not be sent, and put back the rest.

    Without a problem they are due at once, else a little later; and later each time, when it counts as a try.
    """
    if Delivery.objects.owed().filter(fence=mine).exists():
        _settle(mine)
        _put_back(mine, problem, tried=tried)


def _settle(mine: UUID) -> None:
    held = Delivery.objects.owed().filter(fence=mine)
    withdrawn, expired, late = (
        held.filter(pk__in=_of_mailings(mine, which))
        for which in (Q(withdrawn_at__isnull=False), Q(expires_at__lte=Now()), Q(deadline_at__lte=Now()))
    )
    withdrawn.close(State.WITHDRAWN, "The message was withdrawn.")
    expired.close(State.EXPIRED, "The message had expired.")
    fail(late, None)
    wishes.settle(held)
    entitled_still = _entitled(Delivery.objects.filter(fence=mine)).values("pk")
    lapsed = Delivery.objects.filter(fence=mine).exclude(pk__in=entitled_still)
    held.filter(pk__in=lapsed.values("pk")).close(State.SUPPRESSED, LAPSED)


def _written(mine: UUID, held: Deliveries) -> list[Item]:
    """What there is to write for each. A summary in which nothing would stand is not written."""
    fields = ("pk", "mailing", "recipient__person", "address", "recipient__person__name", "recipient__reason")
    rows = list(held.values_list(*fields, "mailing__kind", "mailing__network"))
    items = [Item(*row[: len(fields)]) for row in rows]
    summaries = {row[1]: row[-1] for row in rows if row[-2] == Mailing.Kind.DIGEST}
    if not summaries:
        return items
    items = digests.fill(items, summaries)
    empty = [item.delivery for item in items if item.mailing in summaries and not item.listed]
    Delivery.objects.filter(pk__in=empty, fence=mine).close(State.SUPPRESSED, digests.NOTHING_OPEN)
    return [item for item in items if item.delivery not in set(empty)]


def _put_back(mine: UUID, problem: str, *, tried: bool) -> None:
    held, free = Delivery.objects.owed().filter(fence=mine), {"fence": None, "lease_until": None}
    if not problem:
        held.update(**free)
    elif not tried:
        held.update(due_at=_later(0), detail=kept(problem), **free)
    else:
        for before in _tries(held):
            again = {"due_at": _later(before), "attempts": before + 1, "detail": kept(problem)}
            held.filter(attempts=before).update(**again, **free)


def sweep() -> int:
    """Free what was being sent by somebody who is gone: it may or may not have been accepted. Return how many."""
    gone = Delivery.objects.filter(state=State.SENDING, lease_until__lt=Now())
    return gone.update(
        state=State.UNSURE, fence=None, lease_until=None, due_at=Now(), detail="The sending process stopped half way."
    )


def stuck(seconds: int = 60) -> int:
    """How many rows have been due for so long and are not moving."""
    return _free().filter(due_at__lt=Now() - dt.timedelta(seconds=seconds)).count()


def _free() -> Deliveries:
    """Due, and held by nobody."""
    nobody = Q(lease_until=None) | Q(lease_until__lt=Now())
    return Delivery.objects.owed().filter(nobody, due_at__lte=Now())


def _entitled(rows: Deliveries) -> QuerySet[Delivery]:
    return entitled(rows, "recipient__")


def _of_mailings(mine: UUID, which: Q) -> QuerySet[Any]:
    return Delivery.objects.filter(fence=mine, mailing__in=Mailing.objects.filter(which).values("pk")).values("pk")


def fail(rows: Deliveries, detail: str | None, state: str = State.FAILED) -> int:
    """End these as failed, or as come back, and try the next way for each, all at once; return how many."""
    with transaction.atomic():
        ids = list(rows.values_list("pk", flat=True))
        ended = rows.filter(pk__in=ids).close(state, detail)
        if ended:
            next_way(ids, state)
        return ended


def _keep_receipts(mine: UUID, outcomes: Sequence[Outcome]) -> None:
    """Providers that name what they took have a name for each: one statement each, for there is no other way."""
    for outcome in outcomes:
        if outcome.receipt:
            Delivery.objects.filter(pk=outcome.delivery, fence=mine).update(receipt=outcome.receipt[:80])


def _write(mine: UUID, ids: Sequence[int], result: Result, detail: str) -> int:
    rows = Delivery.objects.filter(pk__in=ids, fence=mine, state=State.SENDING)
    if result is Result.ACCEPTED:
        return rows.close(State.SENT, "", sent_at=Now())
    if result is Result.REFUSED:
        return fail(rows, detail)
    if result is Result.UNTRIED:  # not begun after all: it is what it was before, and still ours to put back
        was = Case(When(possible_repeat=True, then=Value(State.UNSURE)), default=Value(State.QUEUED))
        return rows.update(state=was, attempts=F("attempts") - 1)
    state = State.UNSURE if result is Result.UNSURE else State.QUEUED
    again: dict[str, Any] = {"state": state, "detail": detail, "fence": None, "lease_until": None}
    return sum(rows.filter(attempts=tries).update(due_at=_later(tries - 1), **again) for tries in _tries(rows))


def _tries(rows: Deliveries) -> list[int]:
    return list(rows.order_by("attempts").values_list("attempts", flat=True).distinct())


def _later(tried: int) -> Any:
    """When to try again after so many earlier attempts, a little sooner or later so that not all come at once."""
    wait = AGAIN[min(tried, len(AGAIN) - 1)]
    return Now() + wait * random.uniform(0.8, 1.2)  # noqa: S311
