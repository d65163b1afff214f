"""The first page: what needs this person, one short list a package. Nothing is asked for twice, nothing per row."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from alerts.models import Alert
from charter.models import Adoption, Council, Progress
from directory.models import ASSURED_FOR, Listing
from network.roles import RIGHTS
from network.visibility import LEADS, Role, appointments, holds, run_networks
from training.models import Booking

SHOWN = 5
KEEPERS = (*LEADS, Role.CHARTER)


class Task(NamedTuple):
    """One thing that needs somebody: where to go, its words, what stands before them, a note with a moment or day."""

    url: str
    text: str
    marking: str = ""
    severity: str = ""
    note: str = ""
    at: dt.datetime | None = None
    on: dt.date | None = None


class Group(NamedTuple):
    """Things of one kind. `more` says that there are more than are shown, and `url` where they all are."""

    title: str
    tasks: list[Task]
    url: str
    link: str
    more: bool = False


def what_needs(person: User, roles: frozenset[str]) -> list[Group]:
    """What this person should look at, the most pressing first. Asks each package once, and only where a role can
    have an answer; empty groups are left out."""
    groups = [_unacknowledged(person)]
    if roles & {Role.APPROVER, Role.NATIONAL}:
        groups.append(_awaiting(person))
    if roles & set(KEEPERS):
        groups.append(_due_a_check(person))
    groups.append(_coming_training(person))
    if Role.CHARTER in roles:
        groups.append(_charter(person))
    return [group for group in groups if group.tasks]


def ways_on(roles: frozenset[str]) -> list[dict[str, str]]:
    """What people come for, as {text, url, hint}, by role."""
    ways = []
    if roles & set(RIGHTS["alert.draft"]):
        ways.append(_way("Draft an alert", "alerts:new", "Warn the people who must act"))
    if roles & set(RIGHTS["figures.read"]):
        ways.append(_way("Network figures", "reports:figures", "Reach, response and freshness, by quarter"))
    if Role.CHARTER in roles:
        ways.append(_way("Charter register", "charter:register", "Which councils promised what"))
    if roles & {Role.AUDITOR, Role.OPERATOR}:
        ways.append(_way("Audit trail", "audit:trail", "Who did what, and when"))
    return ways


def _way(text: str, address: str, hint: str) -> dict[str, str]:
    return {"text": text, "url": reverse(address), "hint": hint}


def _group(title: str, tasks: list[Task], url: str, link: str) -> Group:
    return Group(title, tasks[:SHOWN], url, link, len(tasks) > SHOWN)


def _unacknowledged(person: User) -> Group:
    mine = (
        Alert.objects.visible_to(person)
        .standing()
        .filter(mailing__recipients__person=person.pk, mailing__recipients__acknowledged_at=None)
        .order_by("-released_at", "-id")[: SHOWN + 1]
    )
    return _group("Alerts to acknowledge", [_task_of(alert) for alert in mine], reverse("alerts:inbox"), "All alerts")


def _awaiting(person: User) -> Group:
    mine = Q(network__in=run_networks(person, [Role.APPROVER])) | holds(person, Role.NATIONAL)
    waiting = (
        Alert.objects.visible_to(person)
        .awaiting()
        .filter(mine)
        .exclude(revisions__by=person.pk)
        .order_by("submitted_at", "id")[: SHOWN + 1]
    )
    title = "Alerts awaiting your approval"
    return _group(title, [_task_of(alert) for alert in waiting], reverse("alerts:inbox"), "All alerts")


def _task_of(alert: Alert) -> Task:
    return Task(
        url=reverse("alerts:detail", args=[alert.reference]),
        text=f"{alert.reference} {alert.shown.get('title', '')}".strip(),
        marking=alert.marking,
        severity=alert.severity,
        note="Released on" if alert.released_at else "Submitted on",
        at=alert.released_at or alert.submitted_at,
    )


def _due_a_check(person: User) -> Group:
    due = (
        Listing.objects.visible_to(person)
        .filter(
            Q(assured_on=None) | Q(assured_on__lt=timezone.localdate() - ASSURED_FOR),
            agency__in=appointments(person, KEEPERS).values("agency"),
        )
        .order_by("assured_on", "name")[: SHOWN + 1]
    )
    tasks = [
        Task(
            url=reverse("directory:listing", args=[listing.pk]),
            text=listing.name,
            on=listing.assured_on,
            note="Last checked on" if listing.assured_on else "Never checked",
        )
        for listing in due
    ]
    return _group("Listings to check", tasks, reverse("directory:search"), "The directory")


def _coming_training(person: User) -> Group:
    booked = (
        Booking.objects.visible_to(person)
        .held()
        .filter(person=person.pk, session__ends_at__gt=Now(), session__cancelled_at=None)
        .select_related("session__course")
        .order_by("session__starts_at")[: SHOWN + 1]
    )
    tasks = [
        Task(
            url=reverse("training:session", args=[booking.session_id]),
            text=booking.session.course.title,
            at=booking.session.starts_at,
            note="You have a place on",
        )
        for booking in booked
    ]
    return _group("Your coming training", tasks, reverse("training:sessions"), "All training")


def _charter(person: User) -> Group:
    mine = Council.objects.visible_to(person).filter(agency__in=appointments(person, [Role.CHARTER]).values("agency"))
    current = Adoption.objects.visible_to(person).filter(ended_at=None)
    year = Q(reviewed_on__gte=timezone.localdate() - 4 * ASSURED_FOR)
    fresh = Progress.objects.visible_to(person).filter(year)
    old = mine.exclude(pk__in=current.values("council")) | mine.exclude(pk__in=fresh.values("council"))
    tasks = [
        Task(url=reverse("charter:record", args=[council.code]), text=council.name, note="Bring the record up to date")
        for council in old.order_by("short_name").distinct()[: SHOWN + 1]
    ]
    return _group("Your charter record", tasks, reverse("charter:register"), "Charter register")
