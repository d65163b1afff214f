"""The bells of this floor. They carry nothing, may ring twice, and may be lost: the beat rings again."""

from __future__ import annotations

import logging
from typing import Any

from celery import shared_task
from kombu.exceptions import OperationalError

from network import letters, seals

logger = logging.getLogger(__name__)


@shared_task
def send_letters(**_: Any) -> None:
    """Send every letter that is due."""
    for pk in letters.waiting():
        letters.send(pk)


@shared_task
def mail_seal(**_: Any) -> None:
    """Send the newest seal of the audit trail to the auditors who have not had it today."""
    seals.mail_newest()


def ring() -> None:
    """Ask for it now. For `transaction.on_commit`."""
    try:
        send_letters.apply_async(queue="routine", retry=False)
    except (OperationalError, OSError):
        logger.warning("bell_not_rung")
