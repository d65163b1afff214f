"""Running the post: hold it, let it go on, try again what failed, send a test. Deeds without the question who may.

`delivery.actions.operating` asks that of a person, and `delivery.by_server` is for whoever has the server. Each of
them writes the audit entry.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import User
from delivery import bells, gate, operating, post
from delivery.channels import CHANNELS, channel
from delivery.models import Delivery, Gate, Mailing
from delivery.post import PATIENCE
from network.models import Appointment, Network

MAYBE_SENT = "Withdrawn after the database was restored: it may have been sent before."
AGAIN = "An operator asked for another try."
TEST = "TEST"  # the reference of every test
WORDS = """This is a test. An operator of Lantern sent it to themselves, to see that messages go out.

There is nothing to do."""


class Retried(NamedTuple):
    """How many are owed again, and of how many mailings."""

    messages: int
    mailings: int


def the_gate() -> Gate:
    """The one row, which is there from the first message on."""
    return Gate.objects.get_or_create(pk=gate.ONE, defaults={"database": gate.database()})[0]


def hold(reason: str, by: User | None) -> Gate:
    """Nothing leaves any more. Raises ValidationError without a reason, and when everything is held already."""
    if not reason.strip():
        raise ValidationError("Say why, for whoever comes after you.")
    if the_gate().held_at:
        raise ValidationError("Everything is held already.")
    if gate.is_open():  # a database that has changed is noticed here: why that is held is not written over
        gate.close(reason.strip()[:200], by)
    return the_gate()


def resume(withdraw: Collection[UUID] = ()) -> int:
    """Let everything go on, and ring. After a restore first withdraw what was owed of these mailings at that time, and
    return how many that were. Raises ValidationError when nothing is held, or for a mailing that is not among those."""
    held = operating.hold()
    if held is None:
        raise ValidationError("Nothing is held.")
    if unknown := set(withdraw) - {batch.mailing for batch in operating.may_repeat()}:
        raise ValidationError("Choose only from what may be sent twice.", code="unknown", params={"many": len(unknown)})
    before = operating.owed_before(held.since).filter(mailing__in=withdraw)
    many = before.close(Delivery.State.WITHDRAWN, MAYBE_SENT) if withdraw else 0
    gate.open_again()
    transaction.on_commit(lambda: bells.ring(Mailing.Urgency.IMMEDIATE))
    return many


def retry(only: UUID | None = None) -> Retried:
    """Owe again what failed of one mailing, or in the last 24 hours of all, and ring.

    Not of what has expired or was withdrawn. A deadline that is near, or past, is set anew, with the same patience: the
    commonest reason for trying again is a server that was away for longer than that. A row that failed without a
    server's refusal may have been accepted, and says so.
    """
    rows = operating.may_be_retried()
    rows = rows.filter(mailing=only) if only else rows.filter(finished_at__gte=Now() - operating.DAY)
    mailings = set(rows.order_by().values_list("mailing", flat=True).distinct())
    many = rows.filter(mailing__in=mailings).update(
        state=Delivery.State.QUEUED,
        attempts=0,
        due_at=Now(),
        finished_at=None,
        fence=None,
        lease_until=None,
        detail=AGAIN,
        possible_repeat=_may_have_been_accepted(),
    )
    if not many:
        raise ValidationError("Nothing that failed can be tried again.")
    for urgency, patience in PATIENCE.items():
        _extend(mailings, urgency, patience)
        transaction.on_commit(lambda urgency=urgency: bells.ring(urgency))  # type: ignore[misc]
    return Retried(many, len(mailings))


def send_test(person: User) -> Mailing:
    """Owe an operator a message by each channel that reaches them, like any other message, and ring. Raises
    ValidationError when there is no network yet: each message belongs to one."""
    network = Network.objects.order_by("starts_on", "pk").first()
    if network is None:
        raise ValidationError("Set up a network first: each message belongs to one.")
    mailing = Mailing(
        kind=Mailing.Kind.NOTICE,
        network=network,
        reference=TEST,
        marking="OFFICIAL",
        subject="Test of messages",
        text=WORDS,
        urgency=Mailing.Urgency.IMMEDIATE,
    )
    mailing.path = reverse("delivery:test", args=[mailing.pk])
    held = Appointment.objects.live().filter(person=person, role=Appointment.Role.OPERATOR)
    asked = held.filter(pk=held.order_by("pk").values("pk")[:1]).annotate(reason=Value("operator who asked for a test"))
    post.enclose_for(mailing=mailing, appointments=asked, ways={way: channel(way).reaches() for way in CHANNELS})
    transaction.on_commit(lambda: bells.ring(mailing.urgency))
    return mailing


def test_of(person: User, pk: UUID) -> list[Delivery]:
    """How a test of one's own went by each channel; empty when there is none."""
    rows = Delivery.objects.filter(mailing=pk, mailing__reference=TEST, recipient__person=person)
    return list(rows.select_related("mailing").order_by("pk"))


def _may_have_been_accepted() -> Case:
    """Whatever was tried and not refused in so many words."""
    refused = Q(detail__regex=r"^[45][0-9][0-9] ")
    return Case(When(Q(attempts__gt=0) & ~refused, then=Value(True)), default="possible_repeat")


def _extend(mailings: Collection[UUID], urgency: Mailing.Urgency, patience: dt.timedelta) -> None:
    rows = Mailing.objects.filter(pk__in=mailings, urgency=urgency)
    rows.filter(deadline_at__lt=Now() + patience).update(deadline_at=Now() + patience)
