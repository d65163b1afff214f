"""What nobody acknowledged goes on to others, through the real engine; then each step is set back to its time."""

from __future__ import annotations

import datetime as dt
from uuid import uuid4

from django.db.models import QuerySet

from alerts import climbing
from alerts.models import Alert, Step
from delivery.models import Delivery, Mailing, Recipient
from delivery.post import PATIENCE
from demonstration.story.world import World

SECONDS = dt.timedelta(seconds=4)  # a letter takes so long


def tell(world: World, alert: Alert, at: dt.datetime) -> None:
    """Let an alert that went out at this moment go as far as it would have come by now."""
    climbing.begin(alert)
    mine = uuid4()
    alerts = list(climbing.open_alerts().filter(pk=alert.pk))
    climbing.take(alerts, mine)
    climbing.tell_coordinators(alerts, mine)
    for step in Step.objects.filter(round=mine):
        then = at + dt.timedelta(minutes=step.minutes)
        Step.objects.filter(pk=step.pk).update(at=then)
        added = Recipient.objects.filter(mailing=alert.mailing_id, agency=step.agency_id, added_at__isnull=False)
        if step.kind == Step.Kind.DEPUTIES:
            _sent(added, then)
            added.update(added_at=then)
    _set_back_notices(alert, at)
    last = max(Step.objects.filter(round=mine).values_list("at", flat=True), default=at)
    world.remember("alert.climb", alert, by=None, at=last)


def _set_back_notices(alert: Alert, at: dt.datetime) -> None:
    first = Step.objects.filter(alert=alert, kind=Step.Kind.CALL).order_by("minutes").first()
    if first is None:
        return
    then = at + dt.timedelta(minutes=first.minutes)
    notices = Mailing.objects.filter(kind=Mailing.Kind.NOTICE, subject__endswith=alert.reference)
    _sent(Recipient.objects.filter(mailing__in=notices.values("pk")), then)
    notices.update(released_at=then, deadline_at=then + PATIENCE[Mailing.Urgency.IMMEDIATE])


def _sent(recipients: QuerySet[Recipient], at: dt.datetime) -> None:
    Delivery.objects.filter(recipient__in=recipients.values("pk")).update(
        state=Delivery.State.SENT, attempts=1, due_at=at, sent_at=at + SECONDS, finished_at=at + SECONDS
    )
