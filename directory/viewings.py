"""Who was shown protected rows: mobile numbers and safe places, from the audit trail."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from accounts.templatetags.lantern import moment
from audit.exports import safe_cell
from audit.models import Entry
from directory.models import Listing
from network import standing
from network.standing import members_of
from network.visibility import INSIDERS, LEADS, Role

VERBS = ("mobile.reveal", "safe_place.reveal", "safe_place.review")
READERS = (*INSIDERS, Role.COORDINATOR, Role.AUDITOR)
MOST, MOST_IN_A_SHEET = 200, 20_000
Found = QuerySet[Entry]


class Viewing(NamedTuple):
    """One showing, in words, with the listing where this reader may see that."""

    entry: Entry
    what: str
    listing: Listing | None

    @property
    def reason(self) -> str:
        """Why the person said they needed it; mobile numbers take no reason."""
        return str(self.entry.details.get("reason", ""))


def entries(reader: Any) -> QuerySet[Entry]:
    """The showings this reader may know of: one's own; for leads, all of their agency's rows; for coordinators, those
    of their networks without concealed things and safe places; for auditors, all of theirs."""
    here = standing.of(reader)
    run = members_of(here.networks(Role.COORDINATOR))
    audited = members_of(here.networks(Role.AUDITOR))
    known = Q(actor_id=here.person) | Q(agency_id__in=here.agencies(*LEADS)) | Q(agency_id__in=audited)
    known |= Q(agency_id__in=run, concealed=False)
    return Entry.objects.visible_to(here).filter(known, verb__in=VERBS).order_by("-id")


def people(found: QuerySet[Entry]) -> list[tuple[str, str]]:
    """Who was shown something, as choices."""
    rows = found.order_by("actor_name").values_list("actor_id", "actor_name").distinct()
    return [(str(pk), name) for pk, name in rows]


def told(reader: Any, found: Iterable[Entry]) -> list[Viewing]:
    """The showings in words. Two queries, however many there are."""
    rows = list(found)
    listings = _listings(reader, rows)
    words = {"mobile.reveal": "a mobile number", "safe_place.reveal": "the safe place"}
    return [
        Viewing(entry, words.get(entry.verb, "a proposed safe place"), listings.get(entry.details.get("listing", "")))
        for entry in rows
    ]


def as_csv(shown: Iterable[Viewing]) -> str:
    """The same for a spreadsheet."""
    text = io.StringIO()
    sheet = csv.writer(text)
    sheet.writerow(["When", "Who", "What", "Listing", "Reason"])
    for one in shown:
        name = one.listing.name if one.listing else ""
        cells = [moment(one.entry.at), one.entry.actor_name, one.what, name, one.reason]
        sheet.writerow([safe_cell(cell) for cell in cells])
    return text.getvalue()


def _listings(reader: Any, rows: Collection[Entry]) -> dict[str, Listing]:
    """The listings that the entries speak of, as far as the reader may see them, by the ID as it is written."""
    pks = {entry.details["listing"] for entry in rows if "listing" in entry.details}
    return {str(pk): listing for pk, listing in Listing.objects.visible_to(reader).in_bulk(pks).items()}
