"""The post: a message goes in with everyone it is for, in the caller's transaction; how far it has got; taking it back.

Written set by set (`INSERT … SELECT`), never row by row: the people are not fetched into Python at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models, transaction
from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Now

from delivery import wishes, writing
from delivery.audience import people
from delivery.channels import wanted_by
from delivery.models import Audience, Delivery, Mailing, Recipient
from network.models import Appointment

State = Delivery.State
# How long a message may be tried. After that it has failed, on the coordinator's screen.
PATIENCE = {
    Mailing.Urgency.IMMEDIATE: dt.timedelta(hours=4),
    Mailing.Urgency.PRIORITY: dt.timedelta(hours=24),
    Mailing.Urgency.ROUTINE: dt.timedelta(hours=72),
}
WAITING = (*Delivery.OWED, State.SENDING)
DONE = (State.SENT, State.DELIVERED)
LOST = (State.FAILED, State.BOUNCED)
Only = frozenset[UUID] | QuerySet[Any, Any]
NOT_SENT = (State.SUPPRESSED, State.EXPIRED, State.WITHDRAWN)


@dataclass(frozen=True)
class Progress:
    """How far a mailing has got by email. Everyone has had it in the platform since its release."""

    total: int
    sent: int
    waiting: int
    failed: int
    not_sent: int

    @property
    def finished(self) -> bool:
        """Whether nothing more will happen by itself."""
        return not self.waiting

    @property
    def words(self) -> str:
        """In a line, with what will not come."""
        failed = f", {self.failed} could not be sent" if self.failed else ""
        on_purpose = f", {self.not_sent} not sent on purpose" if self.not_sent else ""
        return f"{self.sent} of {self.total} emails sent{failed}{on_purpose}"

    @property
    def percent(self) -> int:
        """Of a hundred; 100 only when it is finished."""
        return (self.total - self.waiting) * 100 // self.total if self.total else 100


def enclose(*, mailing: Mailing, audience: Audience, only: Only | None = None) -> Mailing:
    """Save the mailing and write its recipients and deliveries; return it with the moments the database gave it.

    `only` are the people who were named at approval: they may have dropped out since, and nobody may have joined; or a
    question for people, asked of the database where they are written down.
    Call it inside the action's transaction, so that everyone has the message when the action has answered, or nobody.
    Raises ValidationError for text that may not be a header, and for a strict marking that is not withheld.
    """
    if mailing.network_id != audience.network_id:
        raise ValueError("A mailing goes to an audience of its own network.")
    found = people(audience, strict=mailing.stays_inside)
    return enclose_for(mailing=mailing, appointments=found if only is None else found.filter(person__in=only))


@transaction.atomic
def enclose_for(
    *, mailing: Mailing, appointments: QuerySet[Appointment], ways: Mapping[str, Q] | None = None
) -> Mailing:
    """The same for people chosen in another way: by their appointments, one a person, each with its `reason`. `ways`
    says which recipients get it by which channel, where that is not as they wish."""
    mailing.clean_fields(exclude=["id", "network", "deadline_at", "released_at"])
    mailing.validate_constraints()
    mailing.released_at, mailing.deadline_at = Now(), Now() + PATIENCE[Mailing.Urgency(mailing.urgency)]
    mailing.save(force_insert=True)
    mailing.refresh_from_db()
    own = {name: name for name in ("person", "agency", "role", "reason")}
    rows = appointments.annotate(mailing_key=Value(mailing.pk, models.UUIDField())).order_by()
    writing.insert(Recipient, rows, mailing="mailing_key", **own)
    for way, whose in (ways or wanted_by(mailing)).items():
        writing.deliveries(Recipient.objects.filter(whose, mailing=mailing.pk), way, are_new=True)
    wishes.heed(mailing)
    return mailing


@transaction.atomic
def withdraw(mailing: Mailing) -> Mailing:
    """Stop what has not been sent. What a mail server is being handed at this moment may still arrive."""
    Mailing.objects.filter(pk=mailing.pk, withdrawn_at=None).update(withdrawn_at=Now())
    Delivery.objects.owed().filter(mailing=mailing.pk).close(State.WITHDRAWN, "The message was withdrawn.")
    mailing.refresh_from_db()
    return mailing


def progress(mailing: Mailing) -> Progress:
    """How far it has got, in one query."""
    by_email = Delivery.objects.filter(mailing=mailing.pk, channel=Delivery.Channel.EMAIL)
    counts = by_email.aggregate(
        total=Count("pk"),
        sent=Count("pk", filter=Q(state__in=DONE)),
        waiting=Count("pk", filter=Q(state__in=WAITING)),
        failed=Count("pk", filter=Q(state__in=LOST)),
        not_sent=Count("pk", filter=Q(state__in=NOT_SENT)),
    )
    return Progress(**counts)
