"""What the first page is made of: things that need somebody, in groups of one kind."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

SHOWN = 5


class Task(NamedTuple):
    """One thing that needs somebody: where to go (empty for a bare fact), its words, what stands before them, a note
    with a moment or day."""

    url: str
    text: str
    marking: str = ""
    severity: str = ""
    note: str = ""
    at: dt.datetime | None = None
    on: dt.date | None = None


class Group(NamedTuple):
    """Things of one kind. `more` says that there are more than are shown, and `url` where they all are."""

    title: str
    tasks: list[Task]
    url: str
    link: str
    more: bool = False


def group(title: str, tasks: list[Task], url: str, link: str) -> Group:
    """The first few of these, and whether there are more."""
    return Group(title, tasks[:SHOWN], url, link, len(tasks) > SHOWN)
