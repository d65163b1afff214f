"""Ringing for the post. A bell carries a fence at most, may ring twice, and may be lost: the beat rings again."""

from __future__ import annotations

import logging

from celery import current_app
from kombu.exceptions import OperationalError

from delivery.ledger import WAITING_LEASE, Ticket
from delivery.models import Delivery, Mailing

DISPATCH, DELIVER = "delivery.tasks.dispatch", "delivery.tasks.deliver"
SEND_CODES = "delivery.tasks.send_codes"
logger = logging.getLogger(__name__)


def ring(urgency: str) -> None:
    """Ask for a round now. For `transaction.on_commit`: a bell that cannot be rung is made good by the beat."""
    _ring(DISPATCH, _queue(urgency))


def ring_for_codes() -> None:
    """Ask for the codes that confirm numbers to be sent now."""
    _ring(SEND_CODES, "routine")


def ring_for(ticket: Ticket) -> None:
    """Ask for what this ticket stands for to be sent, while it stands for it."""
    queue, lasts = _queue(ticket.urgency, ticket.way), WAITING_LEASE.total_seconds()
    current_app.send_task(DELIVER, args=(str(ticket.fence),), queue=queue, expires=lasts)


def _ring(task: str, queue: str) -> None:
    try:
        current_app.send_task(task, queue=queue, retry=False)
    except (OperationalError, OSError):
        logger.warning("bell_not_rung")


def _queue(urgency: str, way: str = "") -> str:
    """Immediate messages have a queue, and in production workers, of their own, which systems that are slow to answer
    must not keep from people."""
    waits = way == Delivery.Channel.WEBHOOK
    return "immediate" if urgency == Mailing.Urgency.IMMEDIATE and not waits else "routine"
