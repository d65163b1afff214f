"""What the bells of the post ask for (`delivery.bells`), and what the beat does."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from celery import shared_task

from delivery import bells, carrier, confirming, mailbox, summaries

logger = logging.getLogger(__name__)


@shared_task
def dispatch(**_: Any) -> None:
    """Lease what is due and ring for each lease."""
    for ticket in carrier.dispatch():
        bells.ring_for(ticket)


@shared_task
def deliver(fence: str, **_: Any) -> None:
    """Send what this fence holds, and ring for what comes after it."""
    following = carrier.deliver(UUID(fence))
    if following:
        bells.ring_for(following)


@shared_task
def summarise(**_: Any) -> None:
    """Owe today's summaries that were not made yet, and ring for each."""
    for mailing in summaries.make_all():
        bells.ring(mailing.urgency)


@shared_task
def send_codes(**_: Any) -> None:
    """Send the codes that confirm numbers."""
    for code in confirming.due():
        confirming.send(code)


@shared_task
def fetch_bounces(**_: Any) -> None:
    """Read what is new in the mailbox for bounces, if there is one; one that cannot be read waits for the next bell."""
    if not mailbox.is_on():
        return
    try:
        mailbox.read()
    except mailbox.PROBLEMS as problem:
        logger.warning("bounces_not_read", extra={"problem": type(problem).__name__})
