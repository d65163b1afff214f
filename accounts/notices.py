"""Letters to people about their own account: what happened, when, and what to do if it was not them.

A notice is written down in the transaction of the deed and sent away from it, to the address the person had at that
moment. One that is lost on the way undoes nothing. It holds no secret and no link but the one to their own page; only
the letter that asks a new address to confirm itself has a secret in its link, which opens nothing without signing in.
"""

from __future__ import annotations

import logging
import textwrap
from email.utils import parseaddr
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from kombu.exceptions import OperationalError

from accounts import letterbox, moving
from accounts.models import AddressChange, Notice, User

logger = logging.getLogger(__name__)
BELL = "accounts.tasks.send_notices"
Kind = Notice.Kind
WIDTH = 85

# What the letter says, in one line each: they are folded when it is written. Its subject is the kind's own name.
WHAT: dict[str, str] = {
    Kind.PASSKEY_ADDED: "A passkey was added to your account. You can sign in with it.",
    Kind.APP_ADDED: "An authenticator app was set up for your account. One that you had before has stopped working.",
    Kind.PASSKEY_REMOVED: "A passkey was removed from your account.",
    Kind.APP_REMOVED: "The authenticator app was removed from your account.",
    Kind.CODES_RENEWED: "New recovery codes were made for your account. Those from before have stopped working.",
    Kind.CODE_USED: "One of your recovery codes was used in place of your passkey or app. It does not work again.",
    Kind.CODES_USED_UP: "The last of your recovery codes was used. Make new ones on the page “Your sign-in”.",
    Kind.PASSWORD: "The password of your account was changed. Wherever else you were signed in, you are signed out.",
    Kind.LINKED: "An account at an organisation was linked to yours. It stands in for your password.",
    Kind.UNLINKED: "An organisation’s account is no longer linked to yours, and does not stand in for your password.",
    Kind.ADDRESS_ASKED: "Somebody signed in as you asked for another email address. It changes by a link sent there.",
    Kind.ADDRESS_CHANGED: "Your account goes by another email address from now on. You cannot sign in with this one.",
    Kind.CLOSED: "Your account was closed by somebody who may. You are signed out everywhere and cannot sign in.",
    Kind.REOPENED: "Your closed account was opened again. No role, sign-in or second factor from before has come back.",
}
NOT_BY_ONESELF = (Kind.CLOSED, Kind.ADDRESS_CHANGED, Kind.REOPENED)  # signing in and looking does not help, or no more


def owe(kind: str, person: User, *, email: str = "", change: AddressChange | None = None) -> None:
    """Write down that the person is to be told of this. Call it inside the transaction of what happened."""
    Notice.objects.create(kind=kind, person=person, email=email or person.email, change=change)
    transaction.on_commit(ring)


def ring() -> None:
    """Ask for the letters now."""
    try:
        current_app.send_task(BELL, queue="routine", retry=False)
    except (OperationalError, OSError):
        logger.warning("bell_not_rung")


def waiting() -> list[UUID]:
    """The notices that are due and that nobody is sending, oldest first."""
    return list(letterbox.free(Notice.objects.all()).values_list("pk", flat=True)[:100])


def send(pk: UUID) -> bool:
    """Send this notice, if it is due and nobody else is sending it, and forget it. True if it was handed over. One that
    dies between the mail server and the database is sent twice, with the same Message-ID."""
    if not letterbox.claim(Notice.objects.filter(pk=pk)):
        return False
    notice = Notice.objects.select_related("person", "change").get(pk=pk)
    facts = _facts(notice)
    problem = letterbox.hand_over(_letter(notice, facts), notice.kind) if facts else None
    due = letterbox.next_try(notice.tries, problem) if problem else None
    row = Notice.objects.filter(pk=pk)
    if due:
        row.update(due_at=due, lease_until=None, tries=notice.tries + 1)
    else:
        row.delete()
    return bool(facts) and not problem


def _facts(notice: Notice) -> dict[str, Any] | None:
    """What the letter says; None when there is nothing to say any more."""
    if notice.kind == Kind.ADDRESS_CONFIRM:
        link = moving.link_for(notice.change) if notice.change else None
        return {"link": link} if link else None
    return {
        "name": notice.person.name,
        "what": textwrap.fill(WHAT[notice.kind], WIDTH),
        "at": notice.happened_at,
        "by_oneself": notice.kind not in NOT_BY_ONESELF,
        "closed": notice.kind == Kind.CLOSED,
        "link": settings.BASE_URL + reverse("account_overview"),
    }


def _letter(notice: Notice, facts: dict[str, Any]) -> EmailMessage:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    page = "confirm_address" if notice.kind == Kind.ADDRESS_CONFIRM else "notice"
    return EmailMessage(
        subject=f"Lantern: {notice.get_kind_display()}",
        body=render_to_string(f"email/accounts/{page}.txt", facts),
        to=[notice.email],
        headers={
            "Message-ID": f"<{uuid5(NAMESPACE_URL, f'notice/{notice.pk}')}@{sender.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
        },
    )
