"""A breaker for each server: after five failures in a row it is left alone, and then one lease at a time tries it.

What is owed stays owed and spends no tries meanwhile. By the database's clock; right under any number of workers.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from delivery.models import Breaker

PATIENCE = 5  # failures in a row
PAUSE = dt.timedelta(seconds=30)  # between one try and the next


def room(server: str, most: int) -> int:
    """How many leases may ask this server now: all of them while it answers. While it fails, one caller in each pause
    is told one, the probe, and all others none."""
    state = Breaker.objects.filter(server=server, failures__gte=PATIENCE)
    if not state.exists():
        return most
    return state.filter(Q(open_until=None) | Q(open_until__lte=Now())).update(open_until=Now() + PAUSE)


def failed(server: str, problem: str) -> None:
    """Count a failure to reach it."""
    Breaker.objects.get_or_create(server=server)
    known = Breaker.objects.filter(server=server)
    since = Coalesce("failing_since", Now())
    known.update(failures=F("failures") + 1, problem=problem[:300], open_until=Now() + PAUSE, failing_since=since)


def worked(server: str) -> None:
    """It answers: nothing that happened before counts any more."""
    Breaker.objects.filter(server=server, failures__gt=0).update(
        failures=0, open_until=None, problem="", failing_since=None
    )
