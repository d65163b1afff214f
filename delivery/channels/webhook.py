"""Webhooks: an agency's own system is told of what its owner is sent, signed so that it can tell who speaks.

Signatures, headers and what an answer means follow the Standard Webhooks specification, version 1.0.0. Each try at one
delivery carries the same `webhook-id` and the same body, so a receiver that keeps the ids it has seen has each message
once. The text of what must stay behind sign-in is not sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any, NamedTuple, Self
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, Q, Subquery
from django.db.models.functions import Cast
from django.utils import timezone
from standardwebhooks import Webhook as Signer

from accounts.sealing import Unreadable, unseal
from delivery import targets
from delivery.channels import Item, Outcome, Result, calls
from delivery.models import Endpoint, Mailing

SEALED_FOR = "webhook"
TYPES = {Mailing.Kind.ALERT: "alert.released", Mailing.Kind.TRAINING: "training.announced"}
TEST = "webhook.test"  # of the one notice that goes this way, when a lead asks for it
AT_ONCE = 8  # calls at the same time, so that one slow system does not hold up the others
GONE = "No webhook is there any more."


class _Call(NamedTuple):
    delivery: int
    url: str
    secret: str
    key: str
    body: str


class Webhook:
    """The way to the systems of agencies. There is no one line: each call has its own."""

    stands_in = False
    is_open = True
    handed_over = 0

    @staticmethod
    def server() -> str:
        """Each has its own."""
        return ""

    @staticmethod
    def address() -> Any:
        """The ID of the live endpoint the person has for that agency; where it is and its secret are read later."""
        theirs = Endpoint.objects.live().filter(
            owner=OuterRef("recipient__person"), agency=OuterRef("recipient__agency")
        )
        return Cast(Subquery(theirs.values("pk")[:1]), CharField())

    @staticmethod
    def wanted(mailing: Mailing) -> Q:
        """Those who have a live endpoint for the agency for which they are a recipient; of alerts and training only."""
        if mailing.kind not in TYPES:
            return Q(pk__in=[])
        return Q(Exists(Endpoint.objects.live().filter(owner=OuterRef("person"), agency=OuterRef("agency"))))

    @staticmethod
    def reaches() -> Q:
        """Nobody: a system that is told is no person who knows."""
        return Q(pk__in=[])

    def __enter__(self) -> Self:
        """Nothing to open."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing to close."""

    def send(self, mailing: Mailing, batch: Sequence[Item]) -> Iterator[Outcome]:
        """Call each, several at a time, and say in their order how it went."""
        body = body_of(mailing)
        known = Endpoint.objects.live().in_bulk([UUID(item.address) for item in batch if item.address])
        made = [_call(mailing, item, known, body) for item in batch]
        with ThreadPoolExecutor(min(AT_ONCE, len(batch) or 1), "webhook") as pool:
            for outcome in pool.map(_outcome, made):
                self.handed_over += 1
                yield outcome


def body_of(mailing: Mailing) -> str:
    """What is sent, the same for everybody and each time: of what stays inside no word of the text."""
    data = _of_test(mailing) if mailing.kind == Mailing.Kind.NOTICE else _of_message(mailing)
    type_ = {**TYPES, Mailing.Kind.NOTICE: TEST}[Mailing.Kind(mailing.kind)]
    told = {"type": type_, "timestamp": _written(mailing.released_at), "data": data}
    return json.dumps(told, sort_keys=True, separators=(",", ":"))


def _of_message(mailing: Mailing) -> dict[str, str]:
    data = {
        "network": str(mailing.network),
        "reference": mailing.reference,
        "kind": mailing.kind,
        "marking": mailing.marking,
        "urgency": mailing.urgency,
        "url": f"{settings.BASE_URL}{mailing.path}",
    }
    if not mailing.stays_inside:
        data |= {"subject": mailing.subject, "text": mailing.text}
    return data


def _of_test(mailing: Mailing) -> dict[str, str]:
    """Nothing in it is real: it names no network and leads nowhere."""
    return {"kind": "test", "reference": mailing.reference, "subject": mailing.subject, "text": mailing.text}


def key_of(mailing: UUID, delivery: int) -> str:
    """The `webhook-id`: one for each delivery, however often it is tried, and telling nothing of it."""
    return f"msg_{uuid5(mailing, str(delivery)).hex}"


def _written(moment: datetime) -> str:
    return moment.astimezone(timezone.get_fixed_timezone(0)).isoformat(timespec="seconds").replace("+00:00", "Z")


def _call(mailing: Mailing, item: Item, known: dict[UUID, Endpoint], body: str) -> _Call:
    there = known.get(UUID(item.address)) if item.address else None
    url, secret = (there.url, there.secret) if there else ("", "")
    return _Call(item.delivery, url, secret, key_of(mailing.pk, item.delivery), body)


def _outcome(call: _Call) -> Outcome:
    """How one call went. In a thread of its own: no database here."""
    if not call.url:
        return Outcome(call.delivery, Result.REFUSED, GONE)
    try:
        return Outcome(
            call.delivery, *_meaning(calls.post(targets.parsed(call.url), call.body.encode(), _headers(call)))
        )
    except (targets.Unfit, calls.NotSent) as problem:
        return Outcome(call.delivery, Result.LATER, str(problem))
    except calls.Unanswered as problem:
        return Outcome(call.delivery, Result.UNSURE, str(problem))
    except Unreadable:
        return Outcome(call.delivery, Result.LATER, "Its secret cannot be opened: a sealing key is missing.")


def _headers(call: _Call) -> dict[str, str]:
    now = timezone.now().replace(microsecond=0)
    return {
        "Content-Type": "application/json",
        "User-Agent": "Lantern",
        "webhook-id": call.key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(unseal(call.secret, SEALED_FOR)).sign(call.key, now, call.body),
    }


def _meaning(status: int) -> tuple[Result, str]:
    """2xx is taken; 410 says that nothing is there any more; all else may be mended, and is tried until the deadline.

    What is kept of the answer is its number and what that number means, not the words of the other side: they may
    repeat the text of an alert, and who looks after the post may not read that.
    """
    if 200 <= status < 300:
        return Result.ACCEPTED, ""
    try:
        words = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        words = str(status)
    if 300 <= status < 400:
        words = f"{words}. Redirects are not followed."
    return (Result.REFUSED if status == HTTPStatus.GONE else Result.LATER), words
