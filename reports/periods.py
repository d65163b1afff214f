"""Quarters of the calendar year, by the clock in London: the periods that grants are reported by."""

from __future__ import annotations

import datetime as dt
import re
from typing import NamedTuple

from django.utils import timezone

SHOWN = 8
CODE = re.compile(r"(20\d\d)-Q([1-4])", re.ASCII)
MONTHS = ("January to March", "April to June", "July to September", "October to December")


class Quarter(NamedTuple):
    """Three months. Quarters compare by time."""

    year: int
    number: int

    @property
    def code(self) -> str:
        """`2026-Q3`, as in an address."""
        return f"{self.year}-Q{self.number}"

    @property
    def name(self) -> str:
        """“July to September 2026”."""
        return f"{MONTHS[self.number - 1]} {self.year}"

    @property
    def start(self) -> dt.datetime:
        """Its first moment."""
        return timezone.make_aware(dt.datetime(self.year, 3 * self.number - 2, 1))  # noqa: DTZ001  made aware here

    @property
    def end(self) -> dt.datetime:
        """The first moment after it."""
        return self.next.start

    @property
    def next(self) -> Quarter:
        """The one after it."""
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def previous(self) -> Quarter:
        """The one before it."""
        return Quarter(self.year - (self.number == 1), (self.number - 2) % 4 + 1)


def current() -> Quarter:
    """The quarter it is now."""
    today = timezone.localdate()
    return Quarter(today.year, (today.month + 2) // 3)


def latest() -> list[Quarter]:
    """The quarters to choose from, newest first."""
    found = [current()]
    while len(found) < SHOWN:
        found.append(found[-1].previous)
    return found


def read(code: str) -> Quarter | None:
    """The quarter of this code, if it is one of the latest."""
    match = CODE.fullmatch(code)
    quarter = Quarter(int(match[1]), int(match[2])) if match else None
    return quarter if quarter in latest() else None
