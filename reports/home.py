"""The first page: what needs this person, one short list a package. Nothing is asked for twice, nothing per row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db.models import Count, F, Min, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from alerts import board, calling
from alerts.models import Alert, Alerts
from audit.visible import all_if
from charter.models import Adoption, Council, Progress
from directory.models import ASSURED_FOR, Listing
from directory.rules import MAY_NEED_TO_KNOW
from network import standing
from network.roles import RIGHTS
from network.standing import Standing, members_of
from network.visibility import INSIDERS, LEADS, RUNNERS, Role
from reports import agencies, duties, opening, reaching
from reports.needs import SHOWN, Group, Task
from reports.needs import group as _group
from training.models import Booking

KEEPERS = (*LEADS, Role.CHARTER)
APPROVERS = (Role.APPROVER, Role.NATIONAL)


def what_needs(person: User, roles: frozenset[str]) -> list[Group]:
    """What this person should look at, the most pressing first. Asks each package once, and only where a role can
    have an answer; empty groups are left out."""
    here = standing.of(person)
    groups = [group(here) for needed, group in GROUPS if roles & needed]
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


def _unacknowledged(here: Standing) -> Group:
    mine = (
        Alert.objects.visible_to(here)
        .standing()
        .filter(mailing__recipients__person=here.person, mailing__recipients__acknowledged_at=None)
        .order_by("-released_at", "-id")[: SHOWN + 1]
    )
    return _group("Alerts to acknowledge", [_task_of(alert) for alert in mine], reverse("alerts:inbox"), "All alerts")


def _awaiting(here: Standing) -> Group:
    waiting = _to_approve(here).order_by("submitted_at", "id")[: SHOWN + 1]
    title = "Alerts awaiting your approval"
    return _group(title, [_task_of(alert) for alert in waiting], reverse("alerts:inbox"), "All alerts")


def _with_others(here: Standing) -> Group:
    """For who coordinates: what waits for somebody else's approval."""
    waiting = Alert.objects.visible_to(here).awaiting().filter(network__in=here.networks(Role.COORDINATOR))
    if here.holds(*APPROVERS):
        waiting = waiting.exclude(pk__in=_to_approve(here).values("pk"))
    tasks = [_task_of(alert) for alert in waiting.order_by("submitted_at", "id")[: SHOWN + 1]]
    return _group("Alerts waiting for an approver", tasks, reverse("alerts:section", args=["approval"]), "All of them")


def _to_approve(here: Standing) -> Alerts:
    """Those that wait for approval, and that this person may approve: they had no hand in them."""
    mine = Q(network__in=here.networks(Role.APPROVER)) | all_if(here.holds(Role.NATIONAL))
    return Alert.objects.visible_to(here).awaiting().filter(mine).exclude(revisions__by=here.person)


def _drafts(here: Standing) -> Group:
    """One's own, those that came back first."""
    mine = Alert.objects.visible_to(here).drafts().filter(created_by=here.person)
    tasks = [_task_of(alert) for alert in mine.order_by(F("returned_at").desc(nulls_last=True), "-id")[: SHOWN + 1]]
    return _group("Your drafts", tasks, reverse("alerts:section", args=["drafts"]), "All drafts")


def _lagging(here: Standing) -> Group:
    """For who runs a network: the alerts that agencies there have not acknowledged, and how many agencies."""
    run = Alert.objects.visible_to(here).standing().filter(network__in=here.networks(*RUNNERS))
    found = list(board.lagging(run).order_by("-released_at", "-id")[: SHOWN + 1])
    covered = board.coverage(found)
    tasks = [_progress(alert, *covered[alert.pk]) for alert in found]
    url = reverse("alerts:section", args=["released"])
    return _group("Alerts that agencies have not acknowledged", tasks, url, "All released alerts")


def _to_call(here: Standing) -> Group:
    """For who coordinates: the alerts about which agencies are to be called, those already reached left out."""
    rows = calling.to_call(here).order_by().values("alert").annotate(many=Count("pk"), since=Min("at"))
    found = {row["alert"]: row for row in rows.order_by("since", "alert")[: SHOWN + 1]}
    alerts = Alert.objects.visible_to(here).in_bulk(list(found)) if found else {}
    tasks = [_call(alerts[pk], row["many"], row["since"]) for pk, row in found.items()]
    return _group("Agencies to call", tasks, reverse("alerts:section", args=["released"]), "All released alerts")


def _call(alert: Alert, many: int, since: dt.datetime) -> Task:
    words = "1 agency, on the call list since" if many == 1 else f"{many} agencies, on the call list since"
    return _task_of(alert)._replace(url=reverse("alerts:calls", args=[alert.reference]), note=words, at=since)


def _progress(alert: Alert, agencies: int, covered: int) -> Task:
    words = f"{agencies - covered} of {agencies} agenc{'y has' if agencies == 1 else 'ies have'} not acknowledged"
    address = reverse("alerts:board", args=[alert.reference])
    return _task_of(alert)._replace(
        url=address, note=f"{words} through {'its' if agencies == 1 else 'their'} lead. Released on"
    )


def _task_of(alert: Alert) -> Task:
    return Task(
        url=reverse("alerts:detail", args=[alert.reference]),
        text=f"{alert.reference} {alert.shown.get('title', '')}".strip(),
        marking=alert.marking,
        severity=alert.severity,
        note=next(words for words, at in _moments(alert) if at),
        at=next(at for _, at in _moments(alert) if at),
    )


def _moments(alert: Alert) -> list[tuple[str, dt.datetime | None]]:
    """What has happened to it, the latest first."""
    return [
        ("Released on", alert.released_at),
        ("Submitted on", alert.submitted_at),
        ("Returned to you on", alert.returned_at),
        ("Begun on", alert.created_at),
    ]


def _due_a_check(here: Standing) -> Group:
    mine = _unconfirmed(here).filter(agency__in=here.agencies(*KEEPERS))
    due = mine.order_by("assured_on", "name")[: SHOWN + 1]
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


def _network_listings(here: Standing) -> Group:
    """For who coordinates: only how many. Concealed listings are counted nowhere, not even for who may see one."""
    there = _unconfirmed(here).filter(agency__in=members_of(here.networks(Role.COORDINATOR)))
    number = there.exclude(access=Listing.Access.CONCEALED).count()
    text = f"{number} listing{' was' if number == 1 else 's were'} not confirmed in the last three months"
    return _group("Your network’s directory", [Task("", text)] if number else [], "", "")


def _unconfirmed(here: Standing) -> QuerySet[Listing]:
    old = Q(assured_on=None) | Q(assured_on__lt=timezone.localdate() - ASSURED_FOR)
    return Listing.objects.visible_to(here).filter(old)


def _coming_training(here: Standing) -> Group:
    booked = (
        Booking.objects.visible_to(here)
        .held()
        .filter(person=here.person, session__ends_at__gt=Now(), session__cancelled_at=None)
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


def _charter(here: Standing) -> Group:
    mine = Council.objects.visible_to(here).kept_by(here)
    current = Adoption.objects.visible_to(here).filter(ended_at=None)
    year = Q(reviewed_on__gte=timezone.localdate() - 4 * ASSURED_FOR)
    fresh = Progress.objects.visible_to(here).filter(year)
    old = mine.exclude(pk__in=current.values("council")) | mine.exclude(pk__in=fresh.values("council"))
    tasks = [
        Task(url=reverse("charter:record", args=[council.code]), text=council.name, note="Bring the record up to date")
        for council in old.order_by("short_name").distinct()[: SHOWN + 1]
    ]
    return _group("Your charter record", tasks, reverse("charter:register"), "Charter register")


# What each role may find on the page, in this order.
GROUPS: tuple[tuple[frozenset[str], Callable[[Standing], Group]], ...] = (
    (frozenset({Role.OPERATOR}), reaching.post),
    (frozenset(INSIDERS), agencies.agreement),
    (frozenset({Role.COORDINATOR}), _to_call),
    (frozenset(Role.values), _unacknowledged),
    (frozenset(Role.values), reaching.unreached),
    (frozenset(APPROVERS), _awaiting),
    (frozenset({*APPROVERS, Role.OPERATOR}), duties.to_agree),
    (frozenset(Role.values), duties.to_accept),
    (frozenset(RUNNERS), _lagging),
    (frozenset({Role.COORDINATOR}), _with_others),
    (frozenset(LEADS), agencies.plans),
    (frozenset({Role.COORDINATOR}), agencies.unsigned),
    (frozenset({Role.COORDINATOR}), agencies.joining),
    (frozenset({Role.COORDINATOR}), duties.too_few_leads),
    (frozenset({*LEADS, Role.COORDINATOR}), opening.waiting),
    (frozenset(MAY_NEED_TO_KNOW), opening.given),
    (frozenset(LEADS), opening.unusual),
    (frozenset(RIGHTS["alert.draft"]), _drafts),
    (frozenset(KEEPERS), _due_a_check),
    (frozenset({Role.COORDINATOR}), _network_listings),
    (frozenset(Role.values), _coming_training),
    (frozenset({Role.CHARTER}), _charter),
)
