"""More people for messages that are out, by the set: whoever is given one later, and many messages in one go."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from delivery import wishes, writing
from delivery.channels import stands_in_for, wanted_by
from delivery.entitlement import entitled, going
from delivery.fallback import reached
from delivery.models import Delivery, Mailing, Recipient


def give(rows: QuerySet[Any], *, kind: str, whose: Q, **columns: str) -> None:
    """Give messages of this kind that are out to more people: a recipient for each row, its values in `columns`, and
    what they are owed by each way, as at release. Who is a recipient already stays as they are. `whose` finds the
    recipients that come of it among those who were given their message later."""
    later = Q(whose, added_at__isnull=False)
    enter(rows.annotate(moment=Now()), kind=kind, whose=later, added_at="moment", **columns)


@transaction.atomic
def enter(rows: QuerySet[Any], *, kind: str, whose: Q, **columns: str) -> None:
    """Write the recipients of messages of this kind and what they are owed. The same few statements for any number."""
    writing.insert_or_leave(Recipient, rows.order_by(), **columns)
    written = Recipient.objects.filter(whose)
    for way, wanted in wanted_by(Mailing(kind=kind)).items():
        writing.deliveries(written.filter(wanted, going()), way)
    wishes.settle(Delivery.objects.filter(recipient__in=written.order_by().values("pk")))


def another_way(whose: Q) -> None:
    """Owe their message to these recipients by the way that stands in for email, if it reaches them, they have not
    turned it off and were not owed it before."""
    for way in stands_in_for(Delivery.Channel.EMAIL)[:1]:
        writing.deliveries(entitled(reached(way).filter(whose)), way)
