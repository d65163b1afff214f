"""What counts at a moment: the conditions that every rule about standing is made of.

The moment is now, by the database's clock, unless a past one is given. `path` is the way of relations from the rows
asked for to the row that has the dates, such as `agency__memberships__`.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Q
from django.db.models.functions import Now

Moment = dt.datetime | None


def in_force(path: str = "", at: Moment = None) -> Q:
    """An appointment, a membership or another dated row: `from <= now < until`."""
    return _not_before(f"{path}until_at", at) & Q(**{f"{path}from_at__lte": at or Now()})


def not_ended(path: str = "") -> Q:
    """A dated row that is in force, or to come."""
    return _not_before(f"{path}until_at", None)


def going_on(path: str = "", at: Moment = None) -> Q:
    """A network that has not ended."""
    return _not_before(f"{path}ended_at", at)


def member(path: str = "", at: Moment = None) -> Q:
    """A membership that counts: in force and not suspended, of a network that has not ended."""
    return in_force(path, at) & _not_before(f"{path}suspended_at", at) & going_on(f"{path}network__", at)


def joining(path: str = "") -> Q:
    """A membership that has not begun, of a network that has not ended: its agency keeps its own entry and people, and
    sees nothing of the network."""
    neither = {f"{path}from_at": None, f"{path}until_at": None, f"{path}network__isnull": False}
    return Q(**neither) & going_on(f"{path}network__")


def open_account(path: str = "", at: Moment = None) -> Q:
    """A person whose account is not closed."""
    return Q(**{f"{path}is_active": True}) if at is None else _not_before(f"{path}closed_at", at)


def _not_before(column: str, at: Moment) -> Q:
    return Q(**{column: None}) | Q(**{f"{column}__gt": at or Now()})
