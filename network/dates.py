"""What counts now, by the database's clock: the two conditions that every rule about standing is made of.

`path` is the way of relations from the rows asked for to the row that has the dates, such as `agency__memberships__`.
"""

from __future__ import annotations

from django.db.models import Q
from django.db.models.functions import Now


def in_force(path: str = "") -> Q:
    """An appointment, a membership or another dated row: `from <= now < until`."""
    ends = Q(**{f"{path}until_at": None}) | Q(**{f"{path}until_at__gt": Now()})
    return ends & Q(**{f"{path}from_at__lte": Now()})


def going_on(path: str = "") -> Q:
    """A network that has not ended."""
    return Q(**{f"{path}ended_at": None}) | Q(**{f"{path}ended_at__gt": Now()})


def member(path: str = "") -> Q:
    """A membership that counts: in force and not suspended, of a network that has not ended."""
    return in_force(path) & Q(**{f"{path}suspended_at": None}) & going_on(f"{path}network__")
