"""The bells of the post. They carry a fence and nothing else, may ring twice, and may be lost: the beat rings again."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from celery import shared_task
from kombu.exceptions import OperationalError

from delivery import carrier, mailbox, summaries
from delivery.ledger import WAITING_LEASE, Ticket
from delivery.models import Delivery, Mailing

logger = logging.getLogger(__name__)


@shared_task
def dispatch(**_: Any) -> None:
    """Lease what is due and ring for each lease."""
    for ticket in carrier.dispatch():
        _ring_for(ticket)


@shared_task
def deliver(fence: str, **_: Any) -> None:
    """Send what this fence holds, and ring for what comes after it."""
    following = carrier.deliver(UUID(fence))
    if following:
        _ring_for(following)


@shared_task
def summarise(**_: Any) -> None:
    """Owe today's summaries that were not made yet, and ring for each."""
    for mailing in summaries.make_all():
        ring(mailing.urgency)


@shared_task
def fetch_bounces(**_: Any) -> None:
    """Read what is new in the mailbox for bounces, if there is one; one that cannot be read waits for the next bell."""
    if not mailbox.is_on():
        return
    try:
        mailbox.read()
    except mailbox.PROBLEMS as problem:
        logger.warning("bounces_not_read", extra={"problem": type(problem).__name__})


def ring(urgency: str) -> None:
    """Ask for a round now. For `transaction.on_commit`: a bell that cannot be rung is made good by the beat."""
    try:
        dispatch.apply_async(queue=_queue(urgency), retry=False)
    except (OperationalError, OSError):
        logger.warning("bell_not_rung")


def _ring_for(ticket: Ticket) -> None:
    queue = _queue(ticket.urgency, ticket.way)
    deliver.apply_async(args=(str(ticket.fence),), queue=queue, expires=WAITING_LEASE.total_seconds())


def _queue(urgency: str, way: str = "") -> str:
    """Immediate messages have a queue, and in production workers, of their own, which systems that are slow to answer
    must not keep from people."""
    waits = way == Delivery.Channel.WEBHOOK
    return "immediate" if urgency == Mailing.Urgency.IMMEDIATE and not waits else "routine"
