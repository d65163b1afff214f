"""The lists of alerts a person works from, and what the person may do next with one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from accounts.models import User
from alerts import release as releases
from alerts.models import Alert
from audit.visible import all_if
from delivery.models import Recipient
from network import roles, standing
from network.models import Network
from network.visibility import LEADS, RUNNERS, Role

PAGE = 25
FIRST = 10
WRITERS = frozenset({*LEADS, *RUNNERS, Role.NATIONAL})
WATCHERS = frozenset({*RUNNERS, Role.NATIONAL, Role.AUDITOR})
KEEPERS = WRITERS | WATCHERS
ANYONE = frozenset(Role.values)


class Section(NamedTuple):
    """One list: what it is called, who has it, which alerts are in it, and by what they are ordered, newest first."""

    name: str
    title: str
    empty: str
    roles: frozenset[str]
    which: Callable[[Any], Q]
    order: str


def _unanswered(person: Any) -> Q:
    """Alerts that hold, were sent to this person and have not been acknowledged by them."""
    open_rows = Recipient.objects.filter(person=person.pk, acknowledged_at=None)
    holding = Q(expires_at=None) | Q(expires_at__gt=Now())
    return holding & Q(mailing__in=open_rows.values("mailing"), withdrawn_at=None)


def _answered(person: Any) -> Q:
    """The others that were sent to this person: acknowledged, withdrawn or past their end."""
    rows = Recipient.objects.filter(person=person.pk).values("mailing")
    return Q(mailing__in=rows) & ~_unanswered(person)


SECTIONS = (
    Section(
        "waiting",
        "Waiting for you to acknowledge",
        "Nothing is waiting for you.",
        ANYONE,
        _unanswered,
        "mailing_id",
    ),
    Section(
        "approval",
        "Waiting for approval",
        "Nothing is waiting for approval.",
        KEEPERS,
        lambda _: Q(submitted_at__isnull=False, released_at=None),
        "pk",
    ),
    Section(
        "drafts",
        "Drafts",
        "There are no drafts.",
        KEEPERS,
        lambda _: Q(submitted_at=None, released_at=None),
        "pk",
    ),
    Section(
        "earlier",
        "Earlier alerts to you",
        "When you have acknowledged an alert, you will find it here.",
        ANYONE,
        _answered,
        "mailing_id",
    ),
    Section(
        "released",
        "Released in the network",
        "No alert has been released yet.",
        WATCHERS,
        lambda _: Q(released_at__isnull=False),
        "mailing_id",
    ),
)


def roles_of(person: Any) -> frozenset[str]:
    """The roles the person holds now, anywhere."""
    return standing.of(person).roles


def sections(held: frozenset[str]) -> list[Section]:
    """The lists of somebody with these roles."""
    return [section for section in SECTIONS if section.roles & held]


def section(name: str, held: frozenset[str]) -> Section | None:
    """The list of this name, if somebody with these roles has it."""
    return next((found for found in sections(held) if found.name == name), None)


def page(chosen: Section, alerts: QuerySet[Alert], person: Any, before: UUID | None, size: int) -> list[Alert]:
    """The next rows of the list, at most one more than `size`, which tells that there are more. One query."""
    own = Recipient.objects.filter(mailing=OuterRef("mailing"), person=person.pk)
    found = alerts.filter(chosen.which(person)).annotate(acknowledged_at=Subquery(own.values("acknowledged_at")[:1]))
    if before:
        found = found.filter(**{f"{chosen.order}__lt": before})
    return list(found.select_related("network", "created_by").order_by(f"-{chosen.order}")[: size + 1])


def writable_networks(person: Any) -> QuerySet[Network]:
    """The networks the person may write an alert for."""
    here = standing.of(person)
    own = Q(pk__in=here.networks(*LEADS, *RUNNERS))
    return Network.objects.live().filter(own | all_if(here.holds(Role.NATIONAL)))


def steps(alert: Alert, person: User, found: releases.Sheet | None = None) -> frozenset[str]:
    """What the person may do with it now: edit, submit, release, return, withdraw. The actions ask again."""
    may: set[str] = set()
    if Alert.objects.filter(pk=alert.pk).in_hands_of(person).exists():
        may |= _of_keeper(alert, found)
    if not alert.released_at and found and found.people:
        may |= _of_releaser(alert, person, found)
    return frozenset(may)


def require_step(step: str, alert: Alert, person: User) -> None:
    """Pass, or raise PermissionDenied: nobody is asked to fill in a page whose answer would be refused."""
    found = None if alert.released_at else releases.sheet(alert)
    if step not in steps(alert, person, found):
        raise PermissionDenied("You cannot do this with the alert as it stands.")


def _of_keeper(alert: Alert, found: releases.Sheet | None) -> set[str]:
    if alert.released_at:
        return set() if alert.withdrawn_at else {"withdraw"}
    ready = found is not None and bool(found.people) and not alert.submitted_at
    return {"edit", "submit"} if ready else {"edit"}


def _of_releaser(alert: Alert, person: User, found: releases.Sheet) -> set[str]:
    approves = (
        alert.submitted_at is not None
        and person.pk not in releases.makers(alert)
        and roles.may(person, "alert.approve", alert)
    )
    if approves:
        return {"release", "return"}
    return {"release"} if not found.alone and roles.may(person, "alert.release_alone", alert) else set()
