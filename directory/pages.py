"""What each page of the directory shows one reader, read from the database before the page is drawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.forms import UUIDField
from django.http import QueryDict
from django.urls import reverse

from directory import filters, opening, paging
from directory.forms import SearchForm
from directory.listing_form import ListingForm
from directory.models import Contact, Listing, OpeningHours, Place, Term
from directory.opening import Span
from directory.reading import MOST_COUNTED, Found, Number, Row
from network import roles, standing
from network.models import Agency, Area, Membership, Network

NONE = UUID(int=0)  # stands for a listing in an address, which is worked out once for all of them
LISTING_FIELDS = ("id", "name", "summary", "access", "not_taking_until", "assured_on")


class Card(NamedTuple):
    """One listing in a list, as its template draws it: its tags are (text, colour), its number is the first one that
    this reader may ring."""

    url: str
    name: str
    agency: str
    tags: list[tuple[str, str]]
    summary: str
    number: Number | None
    assured_on: dt.date | None


def search_page(reader: Any, asked: QueryDict) -> dict[str, Any]:
    """The directory: the questions, what they leave, and how many each further answer would leave."""
    here = standing.of(reader)
    form = SearchForm(asked, terms=Term.objects.values_list("kind", "code", "name"), areas=filters.areas_for(here))
    found = Found(here, form.wanted)
    counts = found.counts()
    if all_counted := counts.total <= MOST_COUNTED:
        form.count(counts)
    return {
        "form": form,
        "count": f"{counts.total:,}" if all_counted else f"more than {MOST_COUNTED:,}",
        "is_one": counts.total == 1,
        **_list(found, asked),
    }


def listing_page(reader: Any, listing: Listing) -> dict[str, Any]:
    """One listing with what hangs on it, as far as this reader may see."""
    here = standing.of(reader)
    hours = list(OpeningHours.objects.visible_to(here).filter(listing=listing))
    terms = list(listing.terms.all())
    return {
        "listing": listing,
        "week": opening.week(hours),
        "is_open": opening.is_open(hours) if hours else None,
        "contacts": list(Contact.objects.visible_to(here).filter(listing=listing)),
        "places": list(Place.objects.visible_to(here).filter(listing=listing)),
        "help": [term for term in terms if term.kind == Term.Kind.HELP],
        "people": [term for term in terms if term.kind == Term.Kind.PEOPLE],
        "areas": list(listing.areas.all()),
        "agency_url": agency_url(here, listing.agency_id),
        "may_edit": roles.may(here, "listing.edit", listing),
        "may_tighten": not listing.is_concealed and roles.may(here, "listing.tighten", listing),
    }


def agency_page(reader: Any, agency: Agency, asked: QueryDict) -> dict[str, Any]:
    """One agency, its listings that this reader may see, and what it was and became."""
    here = standing.of(reader)
    places = Membership.objects.live().filter(agency=agency)
    return {
        "agency": agency,
        "areas": list(agency.areas.all()),
        "networks": list(Network.objects.visible_to(here).filter(pk__in=places.values("network"))),
        "predecessors": list(agency.predecessors.order_by("name").values_list("name", flat=True)),
        "successors": heirs_of(here, agency.pk),
        "may_edit": roles.may(here, "agency.edit", agency),
        "may_add": roles.may(here, "listing.add", agency),
        **_list(Found(here, filters.Wanted(agency=agency.pk)), asked),
    }


def heirs_of(reader: Any, agency: UUID) -> list[Agency]:
    """The agencies that took over from this one, as far as this reader may see them."""
    return list(Agency.objects.visible_to(reader).filter(predecessors=agency).order_by("name"))


def listing_form(reader: Any, data: QueryDict | None, listing: Listing | None = None) -> ListingForm:
    """The form to write a listing in, with the choices this reader has and the contacts they may see."""
    here = standing.of(reader)
    contacts = Contact.objects.visible_to(here).filter(listing=listing).select_related("mobile") if listing else ()
    areas = {area.pk: area for area in filters.areas_for(here)}
    if listing:
        areas |= {area.pk: area for area in listing.areas.all()}
    return ListingForm(data, listing=listing, contacts=contacts, terms=Term.objects.all(), areas=_sorted(areas))


def agency_url(reader: Any, agency: UUID) -> str:
    """The agency's page, if this reader may open it."""
    known = Agency.objects.visible_to(reader).filter(pk=agency).exists()
    return reverse("directory:agency", args=[agency]) if known else ""


def _list(found: Found, asked: QueryDict) -> dict[str, Any]:
    page = paging.page_of(found, after=_row(asked, "after"), before=_row(asked, "before"))
    return {
        "cards": _cards(found, page.rows),
        "previous_url": _beside(asked, "before", page.before),
        "next_url": _beside(asked, "after", page.after),
    }


def _cards(found: Found, rows: list[Row]) -> list[Card]:
    numbers, hours = found.around([row.id for row in rows])
    address = reverse("directory:listing", args=[NONE])
    return [
        Card(
            address.replace(str(NONE), str(row.id)),
            row.name,
            row.agency_name,
            _tags(row, hours.get(row.id, [])),
            row.summary,
            numbers.get(row.id),
            row.assured_on,
        )
        for row in rows
    ]


def _tags(row: Row, hours: list[Span]) -> list[tuple[str, str]]:
    listing = Listing.from_db(DEFAULT_DB_ALIAS, LISTING_FIELDS, [getattr(row, name) for name in LISTING_FIELDS])
    tags = []
    if hours:
        tags.append(("Open now", "green") if opening.is_open(hours) else ("Closed now", "grey"))
    if not listing.is_taking:
        tags.append(("Not taking referrals", "orange"))
    if listing.is_stale:
        tags.append(("Check before you rely on it", "yellow"))
    if listing.is_concealed:
        tags.append(("Concealed", "red"))
    return tags


def _row(asked: QueryDict, name: str) -> UUID | None:
    """The ID in the address; one that cannot be read is as absent."""
    try:
        found: UUID | None = UUIDField(required=False).clean(asked.get(name, ""))
    except ValidationError:
        return None
    return found


def _beside(asked: QueryDict, name: str, row: UUID | None) -> str:
    """The address of the neighbouring page, with the same answers."""
    if row is None:
        return ""
    kept = asked.copy()
    for other in ("after", "before"):
        kept.pop(other, None)
    kept[name] = str(row)
    return f"?{kept.urlencode()}"


def _sorted(areas: Mapping[UUID, Area]) -> list[Area]:
    return sorted(areas.values(), key=lambda area: area.name)
