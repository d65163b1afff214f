"""Links to choose a new password: asked for on a page, answered away from it.

While the page waits the same is done for every address, known or not: one small row, one bell with its number. Whether
anybody is there, and the whole of the work with the mail server, is the task's business, where nobody can time it.
"""

from __future__ import annotations

import datetime as dt
import logging
from uuid import UUID

from allauth.account import app_settings
from allauth.account.utils import user_pk_to_url_str
from celery import current_app
from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from kombu.exceptions import OperationalError

from accounts.models import LinkRequest, User

logger = logging.getLogger(__name__)
GIVEN_UP_AFTER = dt.timedelta(hours=1)
BELL = "accounts.tasks.answer"


def ask(email: str) -> None:
    """Somebody wants a link sent to this address, whoever that is."""
    with transaction.atomic():
        asked = LinkRequest.objects.create(email=email.lower())
        transaction.on_commit(lambda: _ring(asked.pk))


def answer(asked: UUID) -> None:
    """Send the link, if the address is the stored address of somebody whose account is open; then forget who asked."""
    row = LinkRequest.objects.filter(pk=asked).first()
    if row is None:
        return
    person = User.objects.filter(email=row.email, is_active=True).first()
    if person is not None:
        _send(person)
    row.delete()


def waiting() -> list[UUID]:
    """What has not been answered yet, oldest first. What nobody could answer for an hour is forgotten."""
    LinkRequest.objects.filter(asked_at__lt=Now() - GIVEN_UP_AFTER).delete()
    return list(LinkRequest.objects.values_list("pk", flat=True)[:100])


def _send(person: User) -> None:
    """To the stored address: never to the one that was typed, which may only look the same."""
    key = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(person)
    path = reverse("account_reset_password_from_key", args=[user_pk_to_url_str(person), key])
    text = render_to_string("email/accounts/password_link.txt", {"name": person.name, "link": settings.BASE_URL + path})
    send_mail("Choose a new password for Lantern", text, None, [person.email])


def _ring(asked: UUID) -> None:
    try:
        current_app.send_task(BELL, args=[str(asked)], queue="routine", retry=False)
    except (OperationalError, OSError):
        logger.warning("bell_not_rung")
