"""How a person is reached: what they choose for themselves, and the one press in a mail program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from audit import trail
from delivery.models import Delivery, Mailing, Preference, Quiet
from delivery.muting import MUTABLE

Choices = Mapping[tuple[str, str], str]  # by kind and channel; empty where none is made


@transaction.atomic
def choose(*, person: User, choices: Choices, quiet: tuple[dt.time, dt.time] | None, by: User) -> User:
    """Keep how a person wants to be reached, and their hours of quiet, or none; return the person.

    Raises PermissionDenied for anybody but oneself; ValidationError for a choice that there is not, and for hours that
    end when they begin.
    """
    if by.pk != person.pk:
        raise PermissionDenied("You can choose only how you yourself are reached.")
    rows = [Preference(person=person, kind=k, channel=c, choice=choice) for (k, c), choice in choices.items() if choice]
    for row in rows:
        row.clean_fields(exclude=["person"])
        row.validate_constraints(exclude=["person"])
    for kind, channel in (key for key, choice in choices.items() if not choice):
        Preference.objects.filter(person=person, kind=kind, channel=channel).delete()
    _keep(rows)
    _keep_quiet(person, quiet)
    said = {
        f"{kind} by {channel}": choice.replace("_", " ") or "in need" for (kind, channel), choice in choices.items()
    }
    trail.record("preference.choose", person, by=by, quiet_hours=quiet is not None, **said)
    return person


@transaction.atomic
def mute(*, kind: str, channel: str, by: User) -> bool:
    """Send no more of this kind by this channel to the person whose letter it came from; for the daily summary, nothing
    of what stood in it. False where that was so already. Raises PermissionDenied for a kind that cannot be muted."""
    if kind not in MUTABLE:
        raise PermissionDenied("This kind of message cannot be turned off.")
    off = Preference.Choice.OFF
    mine = Preference.objects.filter(person=by, channel=channel)
    if kind == Mailing.Kind.DIGEST:
        changed = mine.filter(choice=Preference.Choice.DIGEST).update(choice=off)
    elif changed := not mine.filter(kind=kind, choice=off).exists():
        _keep([Preference(person=by, kind=kind, channel=Delivery.Channel(channel), choice=off)])
    if changed:
        trail.record("preference.mute", by, by=by, kind=str(kind), channel=str(channel))
    return bool(changed)


def _keep(rows: list[Preference]) -> None:
    one = ["person", "kind", "channel"]
    Preference.objects.bulk_create(rows, update_conflicts=True, unique_fields=one, update_fields=["choice"])


def _keep_quiet(person: User, quiet: tuple[dt.time, dt.time] | None) -> None:
    if quiet is None:
        Quiet.objects.filter(person=person).delete()
        return
    begins, ends = quiet
    Quiet(person=person, begins=begins, ends=ends).validate_constraints(exclude=["person"])
    Quiet.objects.update_or_create(person=person, defaults={"begins": begins, "ends": ends})
