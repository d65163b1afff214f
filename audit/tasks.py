"""The bells of the trail. They may ring twice, and may be lost: the beat rings again."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from audit import sealing


@shared_task
def seal(**_: Any) -> None:
    """Seal what has been written since the last time."""
    sealing.sweep()


@shared_task
def seal_everything(**_: Any) -> None:
    """Look through the whole trail, once a day, for an entry that was committed too late to be met."""
    sealing.sweep(everything=True)
