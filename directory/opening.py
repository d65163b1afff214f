"""Opening hours: as people write them, as they read them, and whether that is now. The clock is London's."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.dates import parse_time, written
from directory.models import OpeningHours

MIDNIGHT = dt.time(0)
ALL_DAY = {"24 hours", "24h", "all day", "24/7"}
CLOSED = {"", "closed"}
BETWEEN = re.compile(r"\s*(?:\bto\b|until|[-–—])\s*")
ASKED = "Enter hours like 9am to 5pm, or 24 hours, or closed"


class Span(NamedTuple):
    """From one time to another on one day; no end means midnight."""

    weekday: int
    opens: dt.time
    closes: dt.time | None


def is_open(hours: Iterable[OpeningHours | Span], at: dt.datetime | None = None) -> bool:
    """Whether these hours include the moment (now, unless told)."""
    moment = timezone.localtime(at)
    clock = moment.time()
    return any(
        row.weekday == moment.weekday() and row.opens <= clock and (row.closes is None or clock < row.closes)
        for row in hours
    )


def read(typed: Mapping[int, str]) -> list[Span]:
    """The spans meant by what was typed for each day. What runs past midnight goes on into the next day.

    Raises ValidationError for what cannot be read.
    """
    spans = [span for weekday, text in typed.items() for span in read_day(weekday, text)]
    return merged(spans)


def read_day(weekday: int, text: str) -> list[Span]:
    """The spans of one day's text, such as “9am to midday, 1pm to 5pm”. Raises ValidationError."""
    text = text.strip().lower()
    if text in CLOSED:
        return []
    if text in ALL_DAY:
        return [Span(weekday, MIDNIGHT, None)]
    return [span for part in text.split(",") for span in _spans(weekday, part)]


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time with no span touching another, in order."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.weekday, span.opens)):
        last = kept[-1] if kept else None
        if last and last.weekday == span.weekday and (last.closes is None or span.opens <= last.closes):
            kept[-1] = last._replace(closes=_later(last.closes, span.closes))
        else:
            kept.append(span)
    return kept


def sentence(hours: Sequence[OpeningHours | Span]) -> str:
    """One day's hours in words: “9am to 5pm”, “24 hours”, “Closed”."""
    return ", ".join(_words(row) for row in hours) or "Closed"


def week(hours: Iterable[OpeningHours]) -> list[tuple[str, str]]:
    """Each day's name with its hours in words, Monday first; empty when nothing is known."""
    days: dict[int, list[OpeningHours]] = {}
    for row in hours:
        days.setdefault(row.weekday, []).append(row)
    names = OpeningHours.Weekday
    return [(str(day.label), sentence(days.get(day.value, []))) for day in names] if days else []


def _spans(weekday: int, part: str) -> list[Span]:
    match [parse_time(text) for text in BETWEEN.split(part.strip())]:
        case [dt.time() as opens, dt.time() as closes]:
            return _between(weekday, opens, closes)
        case _:
            raise ValidationError(ASKED)


def _between(weekday: int, opens: dt.time, closes: dt.time) -> list[Span]:
    if closes == MIDNIGHT:
        return [Span(weekday, opens, None)]
    if closes > opens:
        return [Span(weekday, opens, closes)]
    return [Span(weekday, opens, None), Span((weekday + 1) % 7, MIDNIGHT, closes)]


def _later(one: dt.time | None, other: dt.time | None) -> dt.time | None:
    return None if one is None or other is None else max(one, other)


def _words(row: OpeningHours | Span) -> str:
    if row.opens == MIDNIGHT and row.closes is None:
        return "24 hours"
    return f"{written(row.opens)} to {written(row.closes) if row.closes else 'midnight'}"
