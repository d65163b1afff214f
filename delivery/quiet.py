"""Hours of quiet by the clock in London: whether it shows one of them now, and when it shows the first that is none.

What counts is what the clock shows, also on the nights when it changes: a time that it skips in spring is the next one
that it shows, and hours that it shows twice in autumn are quiet twice.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db.models import F, Q
from django.db.models.functions import Now, TruncTime

LONDON = ZoneInfo("Europe/London")
MINUTE = dt.timedelta(minutes=1)

NOW_IN_LONDON = TruncTime(Now(), tzinfo=LONDON)  # the database's own clock
_after, _before = Q(begins__lte=NOW_IN_LONDON), Q(ends__gt=NOW_IN_LONDON)
# Of `Quiet`: that it is quiet at this moment. Hours that end before they begin go over midnight.
NOW_QUIET = Q(begins__lt=F("ends")) & _after & _before | Q(begins__gt=F("ends")) & (_after | _before)


def quiet_until(begins: dt.time, ends: dt.time, now: dt.datetime) -> dt.datetime:
    """When these hours end, if they are on at this moment; else this moment."""
    shown = now.astimezone(LONDON)
    time = shown.time()
    on = begins <= time < ends if begins < ends else time >= begins or time < ends
    if not on:
        return now
    return _shows(shown.date() + dt.timedelta(days=time >= ends), ends, now)


def _shows(day: dt.date, time: dt.time, after: dt.datetime) -> dt.datetime:
    """When the clock shows this first, after that moment; a time that it skips is the next one that it shows."""
    told = dt.datetime.combine(day, time)
    while (first := _moment(told, 0)).astimezone(LONDON).replace(tzinfo=None) != told:
        told += MINUTE
    return first if first > after else _moment(told, 1)


def _moment(told: dt.datetime, fold: int) -> dt.datetime:
    return told.replace(tzinfo=LONDON, fold=fold).astimezone(dt.UTC)
