"""Pages of a long list, by the row they begin after: page 1,000 costs what page 1 does, no name is in an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from directory.models import Listing

SIZE = 25
MOST_COUNTED = 1000


@dataclass(frozen=True)
class Page:
    """Some rows in order, and the rows to go on from on either side where there are more."""

    rows: list[Listing]
    before: UUID | None
    after: UUID | None


def page_of(listings: QuerySet[Listing], *, after: UUID | None = None, before: UUID | None = None) -> Page:
    """The page next to a row of the list. A row that is not in it, hidden or absent, gives the first page."""
    if after:
        rows = list(listings.filter(_from(after, "gt")).order_by("name", "id")[: SIZE + 2])
        if rows and rows[0].pk == after:
            return _page(rows[1 : SIZE + 1], newer=True, older=len(rows) > SIZE + 1)
    elif before:
        rows = list(listings.filter(_from(before, "lt")).order_by("-name", "-id")[: SIZE + 2])
        if rows and rows[0].pk == before:
            return _page(rows[1 : SIZE + 1][::-1], newer=len(rows) > SIZE + 1, older=True)
    rows = list(listings.order_by("name", "id")[: SIZE + 1])
    return _page(rows[:SIZE], newer=False, older=len(rows) > SIZE)


def counted(listings: QuerySet[Any]) -> int:
    """How many there are; 1,001 stands for more than 1,000."""
    return listings.order_by()[: MOST_COUNTED + 1].count()


def _from(pk: UUID, way: str) -> Q:
    """The row itself and those beyond it, in one statement: that the row comes first shows that it is in the list.

    `name >= …` first: both engines can start reading the index there, which they cannot with an OR alone.
    """
    name = Listing.objects.filter(pk=pk).order_by().values("name")[:1]
    return Q(**{f"name__{way}e": name}) & (Q(**{f"name__{way}": name}) | Q(**{f"id__{way}e": pk}))


def _page(rows: list[Listing], *, newer: bool, older: bool) -> Page:
    return Page(rows, rows[0].pk if rows and newer else None, rows[-1].pk if rows and older else None)
