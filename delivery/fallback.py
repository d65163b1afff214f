"""The next way, when one has failed for good: written in the transaction that says so, so that nobody falls between."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Exists, OuterRef, QuerySet

from delivery import writing
from delivery.channels import CHANNELS, channel, stands_in_for
from delivery.entitlement import going
from delivery.models import Delivery, Mailing, Preference, Recipient


def next_way(ids: Collection[int], state: str) -> None:
    """For each of these deliveries that is in this state now, owe the message by the next way that reaches the person:
    one they have not turned off and that was not tried. Routine messages wait in the platform instead."""
    for way in CHANNELS:
        for other in stands_in_for(way)[:1]:
            ended = Delivery.objects.filter(pk__in=ids, state=state, channel=way)
            writing.deliveries(reached(other).filter(pk__in=ended.values("recipient")), other)


def reached(way: str) -> QuerySet[Recipient]:
    """Whom this way reaches who have not turned it off and were not owed the message by it; of messages that still go
    out and are not routine."""
    tried = Delivery.objects.filter(recipient=OuterRef("pk"), channel=way)
    refused = Preference.objects.filter(
        person=OuterRef("person"), kind=OuterRef("mailing__kind"), channel=way, choice=Preference.Choice.OFF
    )
    urgent = Recipient.objects.exclude(mailing__urgency=Mailing.Urgency.ROUTINE)
    return urgent.filter(going(), channel(way).reaches(), ~Exists(tried), ~Exists(refused))
