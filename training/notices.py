"""What a training notice says: worked out from the session, sent by the post."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone
from django.utils.formats import date_format

from accounts.dates import written
from delivery.models import Mailing
from training.models import Session

MARKING = "OFFICIAL TLP:GREEN"  # ordinary business between the partners of a network; its text may travel by email


def when(session: Session) -> str:
    """`Thursday 22 January 2026, 5:30pm to 7pm`, by the clock on the wall of the United Kingdom."""
    starts, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    if starts.date() == ends.date():
        return f"{_day(starts)}, {written(starts)} to {written(ends)}"
    return f"{_day(starts)}, {written(starts)} to {_day(ends)}, {written(ends)}"


def where(session: Session) -> str:
    """The place; online without one."""
    return session.place or "Online. The link is on the session’s page once you have a place."


def reference(session: Session) -> str:
    """A short name to say on the telephone: `DUR-T-3FA9C1`."""
    return f"{session.course.network.prefix}-T-{session.pk.hex[-6:].upper()}"


def announcement(session: Session, path: str) -> Mailing:
    """The notice that there is a session, not saved yet; `path` is where a place is booked."""
    course = session.course
    facts = [
        f"When: {when(session)}",
        f"Where: {where(session)}",
        f"Places: {session.capacity}",
        *([f"Provided by: {course.provider}"] if course.provider else []),
    ]
    text = "\n\n".join([course.title, course.summary, "\n".join(facts), "Sign in to book a place."])
    return _mailing(session, path, f"Training: {course.title}", text)


def calling_off(session: Session, path: str) -> Mailing:
    """The notice, to those with a place, that a session will not take place; not saved yet."""
    text = f"{session.course.title}, {when(session)}, will not take place. You need not cancel your place."
    return _mailing(session, path, f"Called off: {session.course.title}", text)


def _mailing(session: Session, path: str, subject: str, text: str) -> Mailing:
    return Mailing(
        kind=Mailing.Kind.TRAINING,
        network_id=session.network_id,
        reference=reference(session),
        marking=MARKING,
        subject=subject,
        text=text,
        path=path,
        urgency=Mailing.Urgency.ROUTINE,
        expires_at=session.starts_at,
    )


def _day(moment: dt.datetime) -> str:
    return date_format(moment, "l j F Y")
