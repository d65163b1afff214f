"""Webhooks from the inside: what an endpoint was told and how it went, and what ends with it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, F, OuterRef, Q, QuerySet, Subquery, UUIDField, Value, When
from django.db.models.functions import Coalesce, Now

from accounts.models import User
from accounts.sealing import reseal
from delivery.channels.webhook import SEALED_FOR
from delivery.entitlement import entitled, going
from delivery.models import Delivery, Endpoint, Mailing, Recipient
from network.models import Agency

State = Delivery.State
ENDED = "The webhook was ended."
MAY_GO_AGAIN = (State.SENT, State.DELIVERED, State.FAILED)
IS_TEST = Q(mailing__kind=Mailing.Kind.NOTICE)  # the one notice that goes to a webhook is its test (`trials`)


def log(endpoint: Endpoint) -> QuerySet[Delivery]:
    """What this endpoint was told, or is to be told, the newest first."""
    theirs = Delivery.objects.filter(
        channel=Delivery.Channel.WEBHOOK,
        recipient__person=endpoint.owner_id,
        recipient__agency=endpoint.agency_id,
        mailing__released_at__gte=endpoint.created_at,
    )
    if endpoint.ended_at is not None:
        theirs = theirs.filter(mailing__released_at__lte=endpoint.ended_at)
    return theirs.select_related("mailing").order_by("-pk")


def with_news(endpoints: QuerySet[Endpoint]) -> QuerySet[Endpoint]:
    """The same, each with the last time it took a message (`took_at`), the last thing that went wrong (`trouble`), and
    the message with which it did (`trouble_about`) and its reference (`trouble_with`), for who may know it. Tests are
    no messages."""
    told = Delivery.objects.filter(
        ~IS_TEST,
        channel=Delivery.Channel.WEBHOOK,
        recipient__person=OuterRef("owner"),
        recipient__agency=OuterRef("agency"),
        mailing__released_at__gte=OuterRef("created_at"),
        mailing__released_at__lte=Coalesce(OuterRef("ended_at"), Now()),
    )
    took = told.filter(sent_at__isnull=False).order_by("-sent_at")
    trouble = told.filter(state__in=(*Delivery.OWED, State.FAILED)).exclude(detail="").order_by("-pk")
    return endpoints.annotate(
        took_at=Subquery(took.values("sent_at")[:1]),
        trouble=Subquery(trouble.values("detail")[:1]),
        trouble_about=Subquery(trouble.values("mailing")[:1], output_field=UUIDField()),
        trouble_with=Subquery(trouble.values("mailing__reference")[:1]),
    )


def known_to(person: User, mailings: Collection[UUID]) -> set[UUID]:
    """Which of these messages the person was sent as well, and may still be. A colleague's webhook may be told of what
    was for that colleague alone: of such a message its log tells how it went, and not what it is called."""
    own = Recipient.objects.filter(person=person, mailing__in=mailings)
    return set(entitled(own).values_list("mailing", flat=True))


def may_go_again(endpoint: Endpoint, among: Collection[Delivery]) -> set[int]:
    """Which of these may be sent once more: what was taken or has failed, of a message that is still in force, has not
    outlived its deadline, and to which owner and agency are still entitled. Of a test one sends another."""
    return set(_again(endpoint).filter(pk__in=[row.pk for row in among]).values_list("pk", flat=True))


def queue_again(endpoint: Endpoint, delivery: Delivery) -> bool:
    """Owe this delivery once more, with the same `webhook-id`; false when it may not be. What was taken before arrives
    twice then, and says so."""
    may = _again(endpoint).filter(pk=delivery.pk).values("pk")
    taken = Case(When(state=State.FAILED, then=F("possible_repeat")), default=Value(True), output_field=BooleanField())
    again: dict[str, Any] = {"state": State.QUEUED, "due_at": Now(), "finished_at": None, "detail": ""}
    return bool(Delivery.objects.filter(pk__in=may, state__in=MAY_GO_AGAIN).update(possible_repeat=taken, **again))


def _again(endpoint: Endpoint) -> QuerySet[Delivery]:
    in_force = log(endpoint).filter(~IS_TEST, going(), state__in=MAY_GO_AGAIN)
    return entitled(in_force.order_by(), "recipient__")


def end(endpoints: QuerySet[Endpoint]) -> int:
    """End those that have not ended, and what was still owed to them; return how many. What is being sent at this
    moment may still arrive."""
    ending = list(endpoints.filter(ended_at=None))
    for endpoint in ending:
        told = log(endpoint).order_by().values("pk")
        Delivery.objects.owed().filter(pk__in=told).close(State.SUPPRESSED, ENDED)
    return Endpoint.objects.filter(pk__in=[endpoint.pk for endpoint in ending], ended_at=None).update(ended_at=Now())


def end_of(person: User, agency: Agency | None = None) -> int:
    """End those of a person: at this agency, or all of them."""
    theirs = Endpoint.objects.filter(owner=person)
    return end(theirs.filter(agency=agency) if agency is not None else theirs)


def seal_again() -> int:
    """Seal the secret of each with the newest key; return how many. In a transaction. Raises `sealing.Unreadable`."""
    for endpoint in Endpoint.objects.select_for_update():
        again = reseal(endpoint.secret, SEALED_FOR)
        Endpoint.objects.filter(pk=endpoint.pk).update(secret=again)
    return Endpoint.objects.count()
