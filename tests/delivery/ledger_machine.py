"""The states of a delivery as a machine that hypothesis drives: servers that answer anything, processes that die
anywhere, late wakers, time that passes, people who leave, operators who hold. What was accepted is kept beside it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from delivery import carrier, gate, ledger, post
from delivery.channels import Item, Outcome, Result, Unreachable
from delivery.models import Delivery, Mailing
from network.models import Appointment
from tests.delivery.factories import audience, released

OVER = {"sent", "failed", "suppressed", "expired", "withdrawn"}
NEVER_SENT = {"suppressed", "expired", "withdrawn"}
# What the server does with one letter: whether it takes it, and what it says.
ANSWERS = {
    "takes": (True, Result.ACCEPTED),
    "refuses": (False, Result.REFUSED),
    "puts off": (False, Result.LATER),
    "takes and hangs up": (True, Result.UNSURE),
    "hangs up": (False, Result.UNSURE),
}
answers = st.lists(st.sampled_from(list(ANSWERS)), min_size=1, max_size=4)


class Killed(BaseException):
    """The process is gone, and nothing of what it would have written is."""


class Line:
    """A way out whose server does as it is told, one answer a letter, over and over."""

    stands_in = False
    accepted: ClassVar[Counter[int]] = Counter()
    told: ClassVar[list[str]] = ["takes"]
    dies_at: ClassVar[int] = -1  # before this letter of a batch
    reachable: ClassVar[bool] = True
    first: ClassVar[int] = 0  # the number of the first delivery there is

    @staticmethod
    def server() -> str:
        return "the server"

    @staticmethod
    def address() -> str:
        return "recipient__person__email"

    @staticmethod
    def wanted(_mailing: Mailing) -> Q:
        return Q()

    @staticmethod
    def reaches() -> Q:
        return Q()

    def __enter__(self) -> Line:
        if not self.reachable:
            raise Unreachable("Nobody listens.")
        self.is_open, self.handed_over = True, 0
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to close."""

    def send(self, _mailing: Mailing, batch: Sequence[Item]) -> Iterator[Outcome]:
        for number, item in enumerate(batch):
            if number == self.dies_at:
                raise Killed
            takes, result = ANSWERS[self.told[(item.delivery - self.first) % len(self.told)]]
            Line.accepted[item.delivery] += takes
            self.handed_over += 1
            yield Outcome(item.delivery, result)


class Post(RuleBasedStateMachine):
    """Anything that may happen to what is owed. `network` has people; each run gives everything back as it was."""

    network: ClassVar[Any]

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        Line.accepted.clear()
        self.ended: dict[int, str] = {}
        self.taken_by_the_end: dict[int, int] = {}
        self.taken_by_the_withdrawal: dict[int, int] = {}
        self.asleep: list[tuple[Any, list[Outcome]]] = []
        released(self.network)
        Line.first = Delivery.objects.order_by("pk")[0].pk

    def teardown(self) -> None:
        """Whatever happened: when all is well again, everything ends, and nobody was lost."""
        try:
            gate.open_again()
            Line.told, Line.dies_at, Line.reachable = ["takes"], -1, True
            for _ in range(6):
                self.time_passes(hours=1)
                self.work()
            self.check()
            states = dict(Delivery.objects.values_list("pk", "state"))
            assert set(states.values()) <= OVER, states
            assert all(Line.accepted[key] for key, state in states.items() if state == "sent")
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @rule(kind=st.sampled_from(list(Mailing.Urgency)))
    def another_is_released(self, kind: Mailing.Urgency) -> None:
        if Mailing.objects.count() < 3:
            released(self.network, audience(self.network, roles=["lead", "member"]), urgency=kind)

    @rule(told=answers)
    def the_workers_work(self, told: list[str]) -> None:
        Line.told, Line.dies_at, Line.reachable = told, -1, True
        self.work()

    @rule(told=answers, where=st.integers(0, 3))
    def a_worker_dies(self, told: list[str], where: int) -> None:
        Line.told, Line.dies_at, Line.reachable = told, where, True
        self.work()

    @rule()
    def nobody_listens(self) -> None:
        Line.reachable = False
        self.work()

    @rule(told=answers)
    def one_takes_a_lease_and_falls_asleep(self, told: list[str]) -> None:
        """It has handed everything over, and will wake and write what it knows."""
        if tickets := carrier.dispatch():
            self.hands_over(*self.takes(tickets[0]), told)

    @rule(told=answers)
    def two_take_the_same_rows(self, told: list[str]) -> None:
        """The first is so slow that its lease ends before it has begun; then both begin."""
        released(self.network)
        tickets = carrier.dispatch()
        if not tickets:
            return
        first = self.takes(tickets[0])
        self.time_passes(minutes=3)
        for ticket in carrier.dispatch():
            second = self.takes(ticket)
            self.hands_over(*first, told)
            self.hands_over(*second, told)

    def takes(self, ticket: ledger.Ticket) -> tuple[UUID, list[Item]]:
        """What may be sent of this lease, as the carrier asks it before it begins."""
        held = ledger.take(ticket.fence)
        may = ledger.sendable(held.fence)
        return held.fence, [item for item in held.items if item.delivery in may]

    def hands_over(self, fence: UUID, items: list[Item], told: list[str]) -> None:
        """Begin these and hand them over, and say nothing of it yet."""
        known = []
        for item in ledger.begin(fence, items):
            takes, result = ANSWERS[told[(item.delivery - Line.first) % len(told)]]
            Line.accepted[item.delivery] += takes
            known.append(Outcome(item.delivery, result))
        self.asleep.append((fence, known))

    @rule()
    def one_wakes(self) -> None:
        if self.asleep:
            ledger.record(*self.asleep.pop())

    @rule(told=answers, meanwhile=answers, where=st.sampled_from([-1, -1, -1, 1, 2]))
    def one_oversleeps(self, told: list[str], meanwhile: list[str], where: int) -> None:
        """Its lease ends, others begin the same rows anew, and it wakes in the middle of that."""
        released(self.network)
        self.one_takes_a_lease_and_falls_asleep(told)
        self.time_passes(minutes=3)
        self.a_worker_dies(meanwhile, where)
        self.check()
        self.one_wakes()

    @rule()
    def a_bell_rings_twice(self) -> None:
        Line.told, Line.dies_at, Line.reachable = ["takes"], -1, True
        for ticket in carrier.dispatch():
            for _ in range(2):
                carrier.deliver(ticket.fence)

    @rule(minutes=st.sampled_from([1, 3, 30, 300]))
    def time_passes(self, minutes: int = 0, hours: int = 0) -> None:
        by = dt.timedelta(minutes=minutes, hours=hours)
        Delivery.objects.update(due_at=F("due_at") - by, lease_until=F("lease_until") - by)
        if minutes:
            Mailing.objects.update(deadline_at=F("deadline_at") - by, expires_at=F("expires_at") - by)

    @rule()
    def it_is_withdrawn(self) -> None:
        """What is asleep was handed over before: nothing else may be from here on."""
        mailing = post.withdraw(Mailing.objects.order_by("-pk")[0])
        for key in Delivery.objects.filter(mailing=mailing).values_list("pk", flat=True):
            self.taken_by_the_withdrawal.setdefault(key, Line.accepted[key])

    @rule()
    def it_expires(self) -> None:
        Mailing.objects.filter(expires_at=None).update(expires_at=Now() + dt.timedelta(minutes=2))

    @rule()
    def somebody_is_dismissed(self) -> None:
        first = Appointment.objects.filter(until_at=None, role="lead").order_by("pk").values("pk")[:1]
        Appointment.objects.filter(pk__in=list(first.values_list("pk", flat=True))).update(until_at=Now())

    @rule(held=st.booleans())
    def an_operator_holds_or_lets_go(self, held: bool) -> None:
        if held:
            gate.close("for a while")
        else:
            gate.open_again()

    def work(self) -> None:
        """Ring every bell until there is none; a worker that dies is followed by another."""
        tickets = carrier.dispatch()
        for _ in range(40):
            if not tickets:
                return
            try:
                following = carrier.deliver(tickets.pop(0).fence)
            except Killed:
                continue
            if following:
                tickets.append(following)

    @invariant()
    def check(self) -> None:
        """What must be true after every step."""
        taken = Counter(Line.accepted)
        now = {row.pk: row for row in Delivery.objects.all()}
        for key, row in now.items():
            assert taken[key] <= row.attempts, "sent more often than it was begun"
            assert taken[key] <= 1 or row.possible_repeat, "twice, and nothing says that it may be so"
            assert row.state != "sent" or taken[key], "said to be sent, and nobody has it"
            assert (row.state in OVER) == (row.finished_at is not None)
            assert row.fence is None or row.state not in OVER, "ended, and somebody holds it"
            was = self.ended.get(key)
            assert was in {None, row.state}, f"it was {was} and is {row.state}"
            if row.state in OVER and was is None:
                self.ended[key], self.taken_by_the_end[key] = row.state, taken[key]
            assert taken[key] == self.taken_by_the_withdrawal.get(key, taken[key]), "handed over after it was withdrawn"
            if was in NEVER_SENT:
                assert taken[key] == self.taken_by_the_end[key], "handed over after it was said that it would not be"
