"""The bell of alerts that nobody acknowledges. It carries nothing, may ring twice, and may be lost."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from alerts import climbing


@shared_task
def climb(**_: Any) -> None:
    """Let what nobody has acknowledged go on to others, where it is time."""
    climbing.climb()
