"""The bells of this floor: a number and nothing else. They may ring twice, and be lost: the beat rings again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task

from accounts import links, moving, notices, sessions


@shared_task
def answer(asked: str, **_: Any) -> None:
    """Answer one request for a link."""
    links.answer(UUID(asked))


@shared_task
def answer_waiting(**_: Any) -> None:
    """Answer the requests whose bell was lost."""
    for asked in links.waiting():
        links.answer(asked)


@shared_task
def send_notices(**_: Any) -> None:
    """Send people what they are owed about their own accounts."""
    for notice in notices.waiting():
        notices.send(notice)


@shared_task
def forget_ended(**_: Any) -> None:
    """Clear away sessions that are over, and changes of address."""
    sessions.forget_ended()
    moving.forget_over()
