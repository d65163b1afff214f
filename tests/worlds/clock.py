"""A clock that stands still until it is told: the database's and Python's together.

With it an end can be looked at exactly when it comes, and a year passes in a line.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from directory import reading
from network import standing

HOUR = dt.timedelta(hours=1)


class Clock:
    """What time it is, as far as anything in the product can tell."""

    def __init__(self, now: dt.datetime) -> None:
        self.now = now

    def forward(self, hours: float = 1) -> None:
        """Let time pass."""
        self.now += hours * HOUR

    def at(self, hours: float | None) -> dt.datetime | None:
        """So many hours from now; None for never."""
        return None if hours is None else self.now + hours * HOUR

    def past(self, hours: float) -> dt.datetime:
        """So many hours ago."""
        return self.now - hours * HOUR


class InSql:
    """The moment in SQL that somebody wrote by hand, in the place of `directory.reading.NOW`."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def __getitem__(self, engine: str) -> str:
        kind = "TIMESTAMPTZ " if engine == "postgresql" else ""
        return f"{kind}'{connection.ops.adapt_datetimefield_value(self.clock.now)}'"


@contextmanager
def stopped() -> Iterator[Clock]:
    """Stop the clocks at the next full hour, so that rows written by the schema's own default are in the past."""
    clock = Clock(timezone.now().replace(minute=0, second=0, microsecond=0) + HOUR)

    def as_sql(self: Any, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:
        template = "%s::timestamptz" if connection.vendor == "postgresql" else "%s"
        return template, [connection.ops.adapt_datetimefield_value(clock.now)]

    @functools.lru_cache(maxsize=64)
    def worded(_moment: dt.datetime) -> Any:
        return word()

    def question() -> Any:
        """Where somebody stands is worded once in a process, with the database's own clock in it. Here the moment is
        written into the words: they hold for that moment, and not after the clocks go on."""
        return worded(clock.now)

    word = standing._question.__wrapped__
    question.cache_clear = worded.cache_clear  # type: ignore[attr-defined]
    with (
        patch.object(standing, "_question", question),
        patch.object(Now, "as_sqlite", as_sql),
        patch.object(Now, "as_postgresql", as_sql),
        patch.object(timezone, "now", lambda: clock.now),
        patch.object(reading, "NOW", InSql(clock)),
    ):
        yield clock
