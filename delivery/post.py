"""The post: a message goes in with everyone it is for, in the caller's transaction; how far it has got; taking it back.

Written set by set (`INSERT … SELECT`), never row by row: the people are not fetched into Python at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connection, models, transaction
from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Now

from delivery.audience import people
from delivery.models import Audience, Delivery, Mailing, Recipient

State = Delivery.State
# How long a message may be tried. After that it has failed, on the coordinator's screen.
PATIENCE = {
    Mailing.Urgency.IMMEDIATE: dt.timedelta(hours=4),
    Mailing.Urgency.PRIORITY: dt.timedelta(hours=24),
    Mailing.Urgency.ROUTINE: dt.timedelta(hours=72),
}
WAITING = (State.QUEUED, State.SENDING, State.UNSURE)
NOT_SENT = (State.SUPPRESSED, State.EXPIRED, State.WITHDRAWN)


@dataclass(frozen=True)
class Progress:
    """How far a mailing has got by e-mail. Everyone has had it in the platform since its release."""

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
    def percent(self) -> int:
        """Of a hundred; 100 only when it is finished."""
        return (self.total - self.waiting) * 100 // self.total if self.total else 100


@transaction.atomic
def enclose(*, mailing: Mailing, audience: Audience, only: frozenset[UUID] | None = None) -> Mailing:
    """Save the mailing and write its recipients and deliveries; return it with the moments the database gave it.

    `only` are the people who were named at approval: they may have dropped out since, and nobody may have joined.
    Call it inside the action's transaction, so that everyone has the message when the action has answered, or nobody.
    Raises ValidationError for text that may not be a header, and for a strict marking that is not withheld.
    """
    if mailing.network_id != audience.network_id:
        raise ValueError("A mailing goes to an audience of its own network.")
    mailing.clean_fields(exclude=["id", "network", "deadline_at", "released_at"])
    mailing.validate_constraints()
    mailing.released_at, mailing.deadline_at = Now(), Now() + PATIENCE[Mailing.Urgency(mailing.urgency)]
    mailing.save(force_insert=True)
    mailing.refresh_from_db()
    _write_recipients(mailing, audience, only)
    _write_deliveries(mailing)
    return mailing


@transaction.atomic
def withdraw(mailing: Mailing) -> Mailing:
    """Stop what has not been sent. What a mail server is being handed at this moment may still arrive."""
    Mailing.objects.filter(pk=mailing.pk, withdrawn_at=None).update(withdrawn_at=Now())
    owed = Delivery.objects.filter(mailing=mailing.pk, state__in=(State.QUEUED, State.UNSURE))
    owed.update(
        state=State.WITHDRAWN, detail="The message was withdrawn.", fence=None, lease_until=None, finished_at=Now()
    )
    mailing.refresh_from_db()
    return mailing


def progress(mailing: Mailing) -> Progress:
    """How far it has got, in one query."""
    counts = Delivery.objects.filter(mailing=mailing.pk).aggregate(
        total=Count("pk"),
        sent=Count("pk", filter=Q(state=State.SENT)),
        waiting=Count("pk", filter=Q(state__in=WAITING)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        not_sent=Count("pk", filter=Q(state__in=NOT_SENT)),
    )
    return Progress(**counts)


def _write_recipients(mailing: Mailing, audience: Audience, only: Collection[UUID] | None) -> None:
    found = people(audience, strict=mailing.stays_inside)
    if only is not None:
        found = found.filter(person__in=only)
    rows = found.annotate(mailing_key=_uuid(mailing.pk)).order_by()
    _insert(Recipient, rows, mailing="mailing_key", person="person", agency="agency", role="role", reason="reason")


def _write_deliveries(mailing: Mailing) -> None:
    fixed = {
        "channel": Delivery.Channel.EMAIL,
        "state": State.QUEUED,
        "urgency": mailing.urgency,
        "detail": "",
    }
    rows = Recipient.objects.filter(mailing=mailing.pk).annotate(
        due=Now(),
        none=Value(0, models.IntegerField()),
        no=Value(False, models.BooleanField()),
        **{f"its_{name}": Value(value, models.CharField()) for name, value in fixed.items()},
    )
    columns = {name: f"its_{name}" for name in fixed}
    own = {"recipient": "pk", "mailing": "mailing", "due_at": "due", "attempts": "none", "possible_repeat": "no"}
    _insert(Delivery, rows.order_by("pk"), **own, **columns)


def _insert(model: type[models.Model], rows: QuerySet[Any], **columns: str) -> None:
    """`INSERT INTO model (columns) SELECT …`: every value comes from the queryset, and travels as a parameter."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(_column(model, name)) for name in columns)
    try:
        sql, params = rows.values_list(*columns.values()).query.sql_with_params()
    except EmptyResultSet:  # it can be seen without asking that there is no such row
        return
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({names}) {sql}", params)


def _column(model: type[models.Model], name: str) -> str:
    field = model._meta.get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101
    return str(field.column)


def _uuid(value: UUID) -> Value:
    return Value(value, models.UUIDField())
