"""What is promised of messages that cannot wait, and what was measured: from release to the next server's “I have it”.

Measured of email, for alerts and training notices of one network. Percentiles are the value at their place in order
(the nearest rank), found by counting and then skipping, which both engines do alike.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from delivery.models import Delivery, Mailing, Quiet
from delivery.post import DONE, LOST, WAITING

PROMISED = dt.timedelta(seconds=10)
SHARE = 99  # of a hundred
PERIODS = {7: "Last 7 days", 30: "Last 30 days"}
URGENT = (Mailing.Urgency.IMMEDIATE, Mailing.Urgency.PRIORITY)
MEASURED = (Mailing.Kind.ALERT, Mailing.Kind.TRAINING)
RANKS = (50, 95, 99)


@dataclass(frozen=True)
class Measured:
    """How long messages of one urgency took in one period. `half`, `most` and `nearly_all` are the times within which
    50, 95 and 99 of a hundred of those taken were taken; None when none was."""

    urgency: str
    days: int
    messages: int
    in_time: int
    waiting: int
    failed: int
    half: dt.timedelta | None
    most: dt.timedelta | None
    nearly_all: dt.timedelta | None

    @property
    def share(self) -> float:
        """Of a hundred that should have been taken, how many were in time; rounded down, so that 99 is 99."""
        return math.floor(self.in_time * 1000 / self.messages) / 10 if self.messages else 0.0

    @property
    def is_kept(self) -> bool:
        """Whether the promise was kept."""
        return self.in_time * 100 >= SHARE * self.messages


def measured(network: UUID) -> list[Measured]:
    """For each urgency and period in which something was sent, four statements. Who may see it is asked by the page."""
    found = [_measured(network, urgency, days) for urgency in URGENT for days in PERIODS]
    return [each for each in found if each.messages]


def _measured(network: UUID, urgency: Mailing.Urgency, days: int) -> Measured:
    rows = _sendings(network, urgency, days)
    in_time = Q(took__lte=PROMISED)
    counts = rows.aggregate(
        messages=Count("pk"),
        in_time=Count("pk", filter=in_time),
        waiting=Count("pk", filter=Q(state__in=WAITING)),
        failed=Count("pk", filter=Q(state__in=LOST)),
        taken=Count("pk", filter=Q(sent_at__isnull=False)),
    )
    taken = counts.pop("taken")
    half, most, nearly_all = (_at_rank(rows, taken, rank) for rank in RANKS)
    return Measured(urgency.label, days, **counts, half=half, most=most, nearly_all=nearly_all)


def _sendings(network: UUID, urgency: Mailing.Urgency, days: int) -> QuerySet[Any]:
    """What was to be sent at once. What was not sent on purpose is left out, and so are priority messages to those who
    keep hours of quiet: they wait because they were asked to."""
    mailings = Mailing.objects.filter(
        network=network, urgency=urgency, kind__in=MEASURED, released_at__gte=Now() - dt.timedelta(days=days)
    )
    meant = (*WAITING, *LOST, *DONE)
    rows = Delivery.objects.filter(
        mailing__in=mailings.order_by().values("pk"), channel=Delivery.Channel.EMAIL, state__in=meant
    )
    if urgency != Mailing.Urgency.IMMEDIATE:
        rows = rows.filter(~Exists(Quiet.objects.filter(person=OuterRef("recipient__person"))))
    rows = rows.exclude(state__in=DONE, sent_at=None)  # sent before anybody wrote down when
    since = Coalesce(F("recipient__added_at"), F("mailing__released_at"))  # who was given it later is owed it from then
    took = ExpressionWrapper(F("sent_at") - since, output_field=DurationField())
    return rows.annotate(took=took)


def _at_rank(rows: QuerySet[Any], taken: int, rank: int) -> dt.timedelta | None:
    """The time at this rank, counted from the nearer end."""
    if not taken:
        return None
    place = math.ceil(taken * rank / 100)
    times: Any = rows.filter(sent_at__isnull=False).values_list("took", flat=True)
    from_end = taken - place
    nearest = times.order_by("-took")[from_end:] if place > taken // 2 else times.order_by("took")[place - 1 :]
    found: dt.timedelta = nearest[0]
    return found
