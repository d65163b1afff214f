"""How the post is doing, for those who run it: counts, ages and states, in a fixed number of statements.

They see no content and nobody's name or address: a mailing is its reference, marking and network, and a reason is a
reply code and words that servers use (`delivery.reasons`). What is asked of the delivery table is asked of its partial
indexes: of what is owed, of what was sent lately and of what failed lately.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, Count, DurationField, ExpressionWrapper, F, Min, Q, QuerySet, When
from django.db.models.functions import Now

from delivery import breakers
from delivery.channels import CHANNELS, channel
from delivery.gate import ONE, RESTORED
from delivery.models import Breaker, Deliveries, Delivery, Gate, Mailing
from delivery.post import LOST, WAITING
from delivery.reasons import reason

STUCK = dt.timedelta(seconds=60)
LATELY = dt.timedelta(hours=1)  # what is owed to a system that is away is tried more often than that
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
MOST_WORDINGS = 2000  # of servers' answers, the commonest first; the rest is counted without a reason
MOST_MAILINGS = 50
REST = "Other reasons"
State = Delivery.State


class Owed(NamedTuple):
    """What is owed by one channel at one urgency. `waiting` is due later; `stuck` is due and does not move. `way` and
    `pace` are the channel and the urgency in the words of the database."""

    way: str
    pace: str
    channel: str
    urgency: str
    queued: int
    waiting: int
    sending: int
    unsure: int
    stuck: int
    oldest: dt.timedelta | None

    @property
    def total(self) -> int:
        """In whatever state."""
        return self.queued + self.waiting + self.sending + self.unsure


class Rate(NamedTuple):
    """How many the next server took by one channel in the last minute, ten minutes and hour."""

    channel: str
    minute: int
    ten: int
    hour: int


class Failed(NamedTuple):
    """How many failed or came back by one channel for one reason."""

    channel: str
    reason: str
    day: int
    week: int


class Batch(NamedTuple):
    """A mailing and a number of its deliveries."""

    mailing: UUID
    reference: str
    marking: str
    network: str
    urgency: str
    many: int


class Trouble(NamedTuple):
    """A server that is left alone because it did not answer."""

    server: str
    since: dt.datetime | None
    problem: str
    is_ours: bool = True


@dataclass(frozen=True)
class Hold:
    """Why nothing leaves."""

    since: dt.datetime
    by: str
    reason: str
    restored: bool


@dataclass(frozen=True)
class Account:
    """How the post is doing at this moment."""

    hold: Hold | None
    owed: list[Owed]
    rates: list[Rate]
    failed: list[Failed]
    retryable: list[Batch]
    troubles: list[Trouble]

    @property
    def stuck(self) -> int:
        """How many are due and do not move."""
        return sum(row.stuck for row in self.owed)

    @property
    def total(self) -> int:
        """How many are owed, in whatever state."""
        return sum(row.total for row in self.owed)

    @property
    def oldest(self) -> dt.timedelta | None:
        """For how long the oldest of them has been owed."""
        return max((row.oldest for row in self.owed if row.oldest), default=None)

    @property
    def is_fine(self) -> bool:
        """Whether whoever looks after the post has nothing to do: an agency's own system is that agency's to mend."""
        return not (self.hold or self.stuck or any(trouble.is_ours for trouble in self.troubles))


def account() -> Account:
    """All of it, in seven statements. Who may see it is asked by the page."""
    return Account(hold(), owed(), rates(), failed(), retryable(), troubles())


def hold() -> Hold | None:
    """Whether everything is held, and by whom; None when messages may leave."""
    row = Gate.objects.filter(pk=ONE, held_at__isnull=False).select_related("held_by").first()
    if row is None or row.held_at is None:
        return None
    restored = row.reason == RESTORED and row.held_by is None
    by = str(row.held_by) if row.held_by else "Lantern itself" if restored else "Somebody on the server"
    return Hold(row.held_at, by, row.reason, restored)


def owed() -> list[Owed]:
    """What is owed, the most urgent first."""
    rows: Any = Delivery.objects.filter(state__in=WAITING).order_by().values("channel", "urgency")
    late, later = Q(due_at__lt=Now() - STUCK), Q(due_at__gt=Now())
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    found = rows.annotate(
        queued=Count("pk", filter=Q(state=State.QUEUED) & ~later),
        waiting=Count("pk", filter=Q(state=State.QUEUED) & later),
        sending=Count("pk", filter=Q(state=State.SENDING)),
        unsure=Count("pk", filter=Q(state=State.UNSURE)),
        stuck=Count("pk", filter=Q(late, free, state__in=Delivery.OWED)),
        oldest=_age(Min(_since(), filter=Q(attempts__gt=0) | ~later)),
    )
    paces = [str(urgency) for urgency in Mailing.Urgency]
    in_order = sorted(found, key=lambda row: (paces.index(row["urgency"]), row["channel"]))
    return [Owed(row["channel"], row["urgency"], **{**row, **_labels(row)}) for row in in_order]


def rates() -> list[Rate]:
    """What went lately, by channel."""
    rows: Any = Delivery.objects.filter(sent_at__gte=Now() - dt.timedelta(hours=1)).order_by().values("channel")
    found = rows.annotate(
        minute=Count("pk", filter=Q(sent_at__gte=Now() - dt.timedelta(minutes=1))),
        ten=Count("pk", filter=Q(sent_at__gte=Now() - dt.timedelta(minutes=10))),
        hour=Count("pk"),
    )
    return sorted(Rate(**{**row, **_labels(row)}) for row in found)


def failed() -> list[Failed]:
    """What failed or came back in the last seven days, by channel and reason, the commonest first."""
    day: Counter[tuple[str, str]] = Counter()
    week: Counter[tuple[str, str]] = Counter()
    rows: Any = _lost().order_by()
    lately = {"today": Count("pk", filter=Q(finished_at__gte=Now() - DAY)), "ever": Count("pk")}
    said = rows.values("channel", "detail").annotate(**lately).order_by("-ever", "channel", "detail")
    for row in said[:MOST_WORDINGS]:
        about = (row["channel"], reason(row["detail"]))
        day[about] += row["today"]
        week[about] += row["ever"]
    for row in rows.values("channel").annotate(**lately):
        way = row["channel"]
        day[way, REST] = row["today"] - sum(many for (its, _), many in day.items() if its == way)
        week[way, REST] = row["ever"] - sum(many for (its, _), many in week.items() if its == way)
    names = dict(Delivery.Channel.choices)
    return [Failed(names[way], why, day[way, why], many) for (way, why), many in week.most_common() if many]


def retryable(only: UUID | None = None) -> list[Batch]:
    """Mailings of which something failed in the last seven days and may be tried again, the newest first."""
    rows = may_be_retried().filter(finished_at__gte=Now() - WEEK)
    return _batches(rows.filter(mailing=only) if only else rows)


def retryable_today() -> int:
    """How many failed in the last 24 hours and may be tried again."""
    return may_be_retried().filter(finished_at__gte=Now() - DAY).count()


def may_be_retried() -> QuerySet[Delivery]:
    """What failed, of messages that have neither expired nor been withdrawn."""
    alive = Q(expires_at=None) | Q(expires_at__gt=Now())
    mailings = Mailing.objects.filter(alive, withdrawn_at=None).order_by()
    return Delivery.objects.filter(state=State.FAILED, mailing__in=mailings.values("pk"))


def owed_before(moment: dt.datetime) -> Deliveries:
    """What is owed of messages released before a moment: after a restore, what may have been sent already."""
    gone = Q(state__in=Delivery.OWED) | Q(state=State.SENDING, lease_until__lt=Now())
    return Delivery.objects.filter(gone, state__in=WAITING, mailing__released_at__lt=moment)


def may_repeat() -> list[Batch]:
    """While everything is held after a restore: the mailings of which something may be sent twice, the newest first."""
    held = hold()
    return _batches(owed_before(held.since)) if held and held.restored else []


def troubles() -> list[Trouble]:
    """Servers that do not answer, the longest first. Agencies' own systems are one line: whose they are is no business
    of an operator. Those that nothing was owed to lately are left out, for nobody knows how they are now."""
    ours = {channel(way).server() for way in CHANNELS} - {""}
    tried = Q(server__in=ours) | Q(open_until__gt=Now() - LATELY)
    rows = list(Breaker.objects.filter(tried, failures__gte=breakers.PATIENCE).order_by("failing_since"))
    known = [Trouble(row.server, row.failing_since, reason(row.problem)) for row in rows if row.server in ours]
    others = [row for row in rows if row.server not in ours]
    if not others:
        return known
    many = f"{len(others)} {'system' if len(others) == 1 else 'systems'} of agencies"
    return [*known, Trouble(many, others[0].failing_since, reason(others[0].problem), is_ours=False)]


def failed_last_hour() -> dict[str, int]:
    """How many failed or came back in the last hour, by channel; nought for the others."""
    rows = _lost().filter(finished_at__gte=Now() - dt.timedelta(hours=1)).order_by()
    found = dict(rows.values_list("channel").annotate(many=Count("pk")))
    return {way: found.get(way, 0) for way in CHANNELS}


def breakers_open() -> int:
    """How many servers of ours do not answer. An agency's own system, which may be gone for good, wakes nobody."""
    return sum(trouble.is_ours for trouble in troubles())


def _lost() -> QuerySet[Delivery]:
    return Delivery.objects.filter(state__in=LOST, finished_at__gte=Now() - WEEK)


def _batches(rows: QuerySet[Delivery]) -> list[Batch]:
    about = ("mailing", "mailing__reference", "mailing__marking", "mailing__network__name", "urgency")
    found = rows.order_by().values_list(*about).annotate(count=Count("pk")).order_by("-mailing")
    return [
        Batch(pk, reference, marking, network, Mailing.Urgency(urgency).label, many)
        for pk, reference, marking, network, urgency, many in found[:MOST_MAILINGS]
    ]


def _since() -> Case:
    """Since when a row has been owed: since it was first due, or, once it was tried, since the message's release."""
    first = Q(attempts=0) | Q(attempts=1, state=State.SENDING)
    return Case(When(first, then=F("due_at")), default=F("mailing__released_at"))


def _age(moment: Any) -> ExpressionWrapper[Any]:
    return ExpressionWrapper(Now() - moment, output_field=DurationField())


def _labels(row: dict[str, Any]) -> dict[str, str]:
    names = {"channel": Delivery.Channel, "urgency": Mailing.Urgency}
    return {field: str(names[field](row[field]).label) for field in names if field in row}
