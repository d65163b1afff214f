"""Sends the newest seal of the audit trail out of the building, once a day, to each auditor.

Whoever owns the database can rewrite the whole trail, seals included. What they cannot rewrite is a letter in somebody
else's mailbox: `audit.checker` compares the two. It goes by itself and not by the post, which writes to audiences of
agencies; a letter that the mail server did not take is tried again at the next bell until the day is over.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from collections.abc import Iterable
from email.utils import parseaddr
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.models import User
from audit import checker, sealing, trail
from audit.models import Seal, SealLetter
from network.models import Appointment

LEASE = dt.timedelta(minutes=10)  # longer than a mail server takes to answer, shorter than between two bells
logger = logging.getLogger(__name__)


def mail_newest() -> int:
    """Send today's letters that have not been sent, and return how many the mail server took. Two at once send each
    letter once; one that dies between the mail server and the database is sent twice, with the same Message-ID."""
    seal = sealing.newest()
    if seal is None:
        return 0
    today = timezone.localdate()
    owed = _owed(today)
    sent = sum(_sent(person, seal, today) for person in owed)
    if sent:
        trail.record("seal.mail", seal, letters=sent)
    if sent < len(owed):
        logger.warning("seal_letters_not_sent")
    return sent


def _owed(today: dt.date) -> list[User]:
    """The auditors, by live appointment, who have not had today's letter."""
    auditors = Appointment.objects.live().filter(role=Appointment.Role.AUDITOR).values("person")
    had = SealLetter.objects.filter(on=today, sent_at__isnull=False).values("person_id")
    return list(User.objects.filter(pk__in=auditors).exclude(pk__in=had).order_by("pk"))


def _sent(person: User, seal: Seal, today: dt.date) -> bool:
    SealLetter.objects.bulk_create([SealLetter(person_id=person.pk, on=today)], ignore_conflicts=True)
    row = SealLetter.objects.filter(person_id=person.pk, on=today, sent_at=None)
    if not row.filter(lease_until__lte=Now()).update(lease_until=Now() + LEASE, seal=seal):
        return False
    try:
        _letter(person, seal, today).send()
    except (OSError, smtplib.SMTPException):
        row.update(lease_until=Now())
        return False
    return bool(row.update(sent_at=Now()))


def _letter(person: User, seal: Seal, today: dt.date) -> EmailMessage:
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    context = {
        "name": person.name,
        "seal": seal,
        "exact": checker.moment(seal.sealed_at),
        "lines": _in_lines(seal.fingerprint.split()),
        "base_url": settings.BASE_URL,
    }
    return EmailMessage(
        subject=f"Lantern’s audit trail: seal {seal.number}",
        body=render_to_string("email/network/seal.txt", context),
        to=[person.email],
        headers={
            "Message-ID": f"<{uuid5(NAMESPACE_URL, f'seal/{today}/{person.pk}')}@{sender.rpartition('@')[2]}>",
            "Auto-Submitted": "auto-generated",
        },
    )


def _in_lines(groups: Iterable[str]) -> list[str]:
    """The fingerprint's groups, eight to a line."""
    found = list(groups)
    return [" ".join(found[at : at + 8]) for at in range(0, len(found), 8)]
