"""How open a listing was at a past moment: what the audit trail tells, and nothing where it does not tell."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

from audit.models import Entry
from directory.access import Access
from directory.models import Listing


class Turn(NamedTuple):
    """One entry about the listing: when, whose it was, and its access before and after, empty where it does not say."""

    at: dt.datetime
    agency: Any
    before: str
    after: str


@dataclass(frozen=True)
class History:
    """What the trail tells of one listing, oldest first, and how it is today."""

    listing: Listing
    turns: tuple[Turn, ...]

    def access(self, at: dt.datetime) -> str | None:
        """Its access at that moment; None where the trail does not tell: from before the first entry about it, where
        entries contradict each other or today, and where the listing was another agency's."""
        past = [turn for turn in self.turns if turn.at <= at]
        said = [turn.after for turn in past if turn.after]
        if not said or any(turn.agency != self.listing.agency_id for turn in self.turns):
            return None
        following = next((turn.before for turn in self.turns if turn.at > at and turn.after), self.listing.access)
        return said[-1] if said[-1] == following else None

    @property
    def began_at(self) -> dt.datetime | None:
        """When it was added, if the trail has it."""
        return next((turn.at for turn in self.turns if turn.after and not turn.before), None)

    def is_before(self, at: dt.datetime) -> bool:
        """Whether the listing had not been added yet."""
        return self.began_at is not None and at < self.began_at

    def changes(self, since: dt.datetime, until: dt.datetime) -> list[dt.datetime]:
        """When its access changed between two moments."""
        return [turn.at for turn in self.turns if turn.after and since < turn.at <= until]


def history(listing: Listing) -> History:
    """What the trail has on a listing. One query."""
    rows = Entry.objects.filter(subject_type=Listing._meta.label_lower, subject_id=str(listing.pk))
    found = rows.filter(verb__startswith="listing.").order_by("at", "pk").values_list("at", "agency_id", "details")
    return History(listing, tuple(Turn(at, agency, *_turned(details)) for at, agency, details in found))


def _turned(details: dict[str, Any]) -> tuple[str, str]:
    """The access before and after, as `listing.add`, `.tighten` and the like write it."""
    after = details.get("after", details.get("access", ""))
    before = details.get("before", "")
    return (before, after) if after in Access.values and before in {"", *Access.values} else ("", "")
