"""Pages of a long list, by the row they begin after: page 1,000 costs what page 1 does, no name is in an address."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from directory.reading import Found, Row

SIZE = 25


@dataclass(frozen=True)
class Page:
    """Some rows in order, and the rows to go on from on either side where there are more."""

    rows: list[Row]
    before: UUID | None
    after: UUID | None


def page_of(found: Found, *, after: UUID | None = None, before: UUID | None = None) -> Page:
    """The page next to a row of the list. A row that is not in it, hidden or absent, gives the first page."""
    if after:
        rows = found.on_from(after, SIZE + 2)
        if rows and rows[0].id == after:
            return _page(rows[1 : SIZE + 1], newer=True, older=len(rows) > SIZE + 1)
    elif before:
        rows = found.back_from(before, SIZE + 2)
        if rows and rows[0].id == before:
            return _page(rows[1 : SIZE + 1][::-1], newer=len(rows) > SIZE + 1, older=True)
    rows = found.by_name(SIZE + 1)
    return _page(rows[:SIZE], newer=False, older=len(rows) > SIZE)


def _page(rows: list[Row], *, newer: bool, older: bool) -> Page:
    return Page(rows, rows[0].id if rows and newer else None, rows[-1].id if rows and older else None)
