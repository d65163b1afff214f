"""Coming back: what mail servers and GOV.UK Notify report about a delivery after it was sent, acted on once.

Refused for good: the delivery has come back, the next way is tried, and the address is set aside, if it is still the
person's; the leads of their agency are told. Refused for now, three times in seven days: the address is flagged, and
they are told. What is forged or comes again changes nothing. Nothing personal is logged.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Mapping
from enum import Enum
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce, Now
from django.urls import reverse

from accounts.models import User
from delivery import bells, bounces, envelopes, ledger, notices
from delivery.channels.letter import Unusable, checked
from delivery.envelopes import Known
from delivery.models import Delivery, Number, Report, SetAside

State, Kind = Delivery.State, Report.Kind
REPORTABLE = (State.SENT, State.UNSURE, State.DELIVERED, State.BOUNCED)
OPEN = (State.SENT, State.UNSURE)  # unsure: it was handed over, and the report says that it was taken
SOFT_REPORTS, LATELY = 3, dt.timedelta(days=7)
STATUSES = {
    "delivered": Kind.DELIVERED,
    "permanent-failure": Kind.HARD,
    "temporary-failure": Kind.SOFT,
    "technical-failure": Kind.SOFT,
}
WORDS = {
    (Delivery.Channel.EMAIL, False): "Email to a colleague of yours came back: their address does not work, and "
    "nothing more is sent to it until somebody tries it again.",
    (Delivery.Channel.EMAIL, True): "Email to a colleague of yours keeps coming back. It may be that their mailbox is "
    "full, or that their mail server refuses our messages. We go on trying.",
    (Delivery.Channel.TEXT, False): "A text message to a colleague of yours could not be delivered: their number does "
    "not work, and nothing more is sent to it until somebody tries it again.",
    (Delivery.Channel.TEXT, True): "Text messages to a colleague of yours keep failing. Their phone may be switched "
    "off. We go on trying.",
}
AND_NOW = "They still have every message when they sign in. See who it is, and how else they can be reached."
logger = logging.getLogger(__name__)


class Verdict(Enum):
    """What was done about a report."""

    ACTED = "acted on"
    REPEATED = "known already"
    IGNORED = "ignored: about no delivery of ours, or about one that was not sent"
    EARLY = "about one that is being sent at this moment: ask again"


def take_in(raw: bytes) -> Verdict:
    """Act on a message that came to the address for bounces, whatever it is."""
    try:
        bounce = bounces.read(raw[: bounces.LARGEST])
    except bounces.NoBounce as reason:
        logger.info("bounce_ignored", extra={"reason": str(reason)})
        return Verdict.IGNORED
    except Exception as problem:  # whatever somebody sends there, the next one is read
        logger.warning("bounce_unreadable", extra={"problem": type(problem).__name__})
        return Verdict.IGNORED
    dead = bounce.address_is_dead
    return report(bounce.known, bounce.kind, bounce.detail, bounce.key, final=bounce.final, dead=dead)


def take_in_receipt(told: Mapping[str, Any]) -> Verdict:
    """Act on a delivery receipt of GOV.UK Notify, whose reference is ours."""
    known, kind = envelopes.known(str(told.get("reference") or "")), STATUSES.get(str(told.get("status")))
    if known is None or kind is None:
        logger.info("receipt_ignored", extra={"reason": "no delivery of ours" if kind else "no status that is known"})
        return Verdict.IGNORED
    detail = "" if kind == Kind.DELIVERED else str(told["status"]).replace("-", " ")
    key = hashlib.sha256(f"{told.get('id')} {told['status']}".encode("utf-8", "replace")).hexdigest()
    return report(known, kind, detail, key, dead=True)


@transaction.atomic
def report(known: Known, kind: str, detail: str, key: str, *, final: bool = False, dead: bool = False) -> Verdict:
    """Act on a report about a delivery, once for each `key`. `final`: it was given up, although only for now; `dead`:
    a refusal for good is about the address, not about the message."""
    row = Delivery.objects.filter(pk=known.delivery).select_related("recipient__person", "recipient__agency").first()
    if row is None or row.state not in REPORTABLE:
        logger.info("report_ignored", extra={"delivery": known.delivery, "kind": kind, "state": row and row.state})
        return Verdict.EARLY if row and row.state == State.SENDING else Verdict.IGNORED
    _, is_new = Report.objects.get_or_create(delivery=row, key=key, defaults={"kind": kind, "detail": detail[:300]})
    if not is_new:
        logger.info("report_repeated", extra={"delivery": row.pk, "kind": kind})
        return Verdict.REPEATED
    if kind == Kind.DELIVERED:
        there = Delivery.objects.filter(pk=row.pk, state__in=OPEN)
        there.close(State.DELIVERED, "", sent_at=Coalesce("sent_at", Now()))
        return Verdict.ACTED
    if kind == Kind.HARD or final:
        _came_back(row, detail)
    _look_after(row, known, kind, detail, dead=dead)
    return Verdict.ACTED


def address_now(person: User, channel: str) -> str:
    """Where this person is reached by this channel at this moment; empty when they are not."""
    if channel == Delivery.Channel.EMAIL:
        return person.email
    return Number.objects.filter(person=person).values_list("number", flat=True).first() or ""


def _came_back(row: Delivery, detail: str) -> None:
    if ledger.fail(Delivery.objects.filter(pk=row.pk, state__in=OPEN), detail, State.BOUNCED):
        transaction.on_commit(lambda: bells.ring(row.urgency))


def _look_after(row: Delivery, known: Known, kind: str, detail: str, *, dead: bool) -> None:
    """Set the address aside or flag it, and tell the leads; nothing, when it is not the person's any more."""
    person, channel = row.recipient.person, row.channel
    address = address_now(person, channel)
    if not known.went_to(_as_written(address)):
        return
    flagged_only = kind == Kind.SOFT or not dead
    if kind == Kind.SOFT and _soft_reports(person, channel) < SOFT_REPORTS:
        return
    if _set_aside(person, channel, address, detail, flagged_only=flagged_only) and row.recipient.agency:
        notices.tell_leads(
            row.recipient.agency,
            subject="Messages do not reach a colleague of yours",
            text=f"{WORDS[Delivery.Channel(channel), flagged_only]}\n\n{AND_NOW}",
            path=reverse("delivery:addresses"),
            but={person.pk},
        )


def _as_written(address: str) -> str:
    """As it stood in the envelope."""
    try:
        return checked(address) if "@" in address else address
    except Unusable:
        return address


def _soft_reports(person: User, channel: str) -> int:
    """How many of late, since the address was last tried again."""
    tried = SetAside.objects.filter(person=person, channel=channel).aggregate(last=Max("until_at"))["last"]
    found = Report.objects.filter(
        kind=Kind.SOFT, at__gte=Now() - LATELY, delivery__recipient__person=person, delivery__channel=channel
    )
    return (found.filter(at__gt=tried) if tried else found).count()


def _set_aside(person: User, channel: str, address: str, detail: str, *, flagged_only: bool) -> bool:
    """Write it down; whether there is anything new to tell."""
    here = SetAside.objects.filter(person=person, channel=channel, until_at=None)
    here.exclude(address=address).update(until_at=Now())
    told = {"address": address, "detail": detail[:300], "flagged_only": flagged_only}
    _, is_new = SetAside.objects.get_or_create(person=person, channel=channel, until_at=None, defaults=told)
    if is_new or flagged_only:
        return is_new
    return bool(here.filter(flagged_only=True).update(**told, since=Now()))
