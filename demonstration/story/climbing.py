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


def tell(world: World, alert: Alert, at: dt.datetime, recipients: list[Recipient]) -> None:
    """Let an alert that went out at this moment, and to which these people answered when they did, come as far as it
    would have by now."""
    climbing.begin(alert)
    ladder = climbing.ladder_of(alert.network)
    for minutes in (ladder.deputies_after, ladder.other_way_after, ladder.calls_after):
        then = at + dt.timedelta(minutes=minutes)
        answered = [row for row in recipients if row.acknowledged_at and row.acknowledged_at <= then]
        Recipient.objects.bulk_update(answered, ["acknowledged_at"], batch_size=200)
        Alert.objects.filter(pk=alert.pk).update(released_at=world.now - dt.timedelta(minutes=minutes))
        _round(alert, then)
        world.remember("alert.climb", alert, by=None, at=then)
    Alert.objects.filter(pk=alert.pk).update(released_at=at)


def _round(alert: Alert, then: dt.datetime) -> None:
    """The steps that were due at this moment, and what came of them, as of then."""
    mine, alerts = uuid4(), list(climbing.open_alerts().filter(pk=alert.pk))
    climbing.take(alerts, mine)
    climbing.tell_coordinators(alerts, mine)
    Step.objects.filter(round=mine).update(at=then)
    given = Recipient.objects.filter(mailing=alert.mailing_id, added_at__gt=then)
    _sent(given, then)
    given.update(added_at=then)
    notices = Mailing.objects.filter(kind=Mailing.Kind.NOTICE, subject__endswith=alert.reference, released_at__gt=then)
    _sent(Recipient.objects.filter(mailing__in=notices.values("pk")), then)
    notices.update(released_at=then, deadline_at=then + PATIENCE[Mailing.Urgency.IMMEDIATE])


def _sent(recipients: QuerySet[Recipient], at: dt.datetime) -> None:
    Delivery.objects.filter(recipient__in=recipients.values("pk")).update(
        state=Delivery.State.SENT, attempts=1, due_at=at, sent_at=at + SECONDS, finished_at=at + SECONDS
    )
