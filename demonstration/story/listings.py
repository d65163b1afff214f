"""What the agencies offer: listings with contacts, hours, places and shares, some of them long not looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from demonstration.story.agencies import CHAPTERS, spelled
from demonstration.story.world import World, told
from directory import search
from directory.models import Access, Contact, Listing, OpeningHours, Place, Share, Term
from network.models import Agency

WORKING = range(5)
HOURS: dict[str, list[tuple[Any, str, str | None]]] = {
    "office": [(WORKING, "09:00", "17:00")],
    "long": [(range(6), "08:00", "20:00")],
    "always": [(range(7), "00:00", None)],
    "mornings": [((0, 2, 4), "10:00", "13:00")],
    "evenings": [((1, 3), "18:00", "21:00")],
}


@dataclass
class Entry:
    """One listing as it is told, with the agency whose it is, and the row made of it."""

    agency: Agency
    home: dict[str, Any]
    story: dict[str, Any]
    row: Listing


def tell(world: World) -> None:
    """Write the listings and everything that hangs on them."""
    entries = [_entry(world, home, story) for home in _homes() for story in home.get("listing", [])]
    Listing.objects.bulk_create(entry.row for entry in entries)
    _words_and_areas(entries)
    Contact.objects.bulk_create(row for entry in entries for row in _contacts(world, entry))
    OpeningHours.objects.bulk_create(row for entry in entries for row in _hours(entry))
    Place.objects.bulk_create(row for entry in entries for row in _places(entry))
    Share.objects.bulk_create(row for entry in entries for row in _shares(world, entry))
    search.index(Listing.objects.all())
    for entry in entries:
        if entry.row.assured_on:
            _remember(world, entry.row)


def _homes() -> list[dict[str, Any]]:
    return [home for name in CHAPTERS for home in told(name)["agency"]]


def _entry(world: World, home: dict[str, Any], story: dict[str, Any]) -> Entry:
    agency, lead = world.agencies[home["name"]], world.leads[home["name"]]
    checked = world.today - dt.timedelta(story["checked"])
    row = Listing(
        agency=agency,
        name=story["name"],
        summary=story["summary"],
        description=story["text"],
        access=story["access"],
        referral=story.get("refer", ""),
        languages=story.get("languages", "English; others by interpreter"),
        not_taking_until=world.today + dt.timedelta(story["paused"]) if "paused" in story else None,
        assured_on=checked,
        assured_by=lead,
        updated_at=world.ago(story["checked"], "11:20"),
        updated_by=lead,
    )
    return Entry(agency, home, story, row)


def _words_and_areas(entries: list[Entry]) -> None:
    words = {(term.kind, term.code): term for term in Term.objects.all()}
    tagged, covers = Listing.terms.through, Listing.areas.through
    found: dict[Any, list[Any]] = {}
    for link in Agency.areas.through.objects.filter(agency__in=[entry.agency for entry in entries]):
        found.setdefault(link.agency_id, []).append(link.area_id)
    tags, areas = [], []
    for entry in entries:
        chosen = [("help", code) for code in entry.story["help"]] + [("people", code) for code in entry.story["for"]]
        tags += [tagged(listing=entry.row, term=words[key]) for key in chosen]
        areas += [covers(listing=entry.row, area_id=area) for area in found.get(entry.agency.pk, [])]
    tagged.objects.bulk_create(tags)
    covers.objects.bulk_create(areas)


def _contacts(world: World, entry: Entry) -> Iterator[Contact]:
    """A public door, one for partners behind it, a number for the night, and now and then a named officer."""
    access, domain = Access(entry.row.access), f"{entry.home['domain']}.example"
    front = "Enquiries" if access == Access.PUBLIC else "Referrals"
    office = world.phone(entry.home["phone"])
    yield Contact(
        listing=entry.row, function=front, phone=office, email=f"{front.lower()}@{domain}", access=access, order=1
    )
    inside = access if access != Access.PUBLIC else Access.NETWORK
    if access == Access.PUBLIC:
        line = world.phone(entry.home["phone"])
        yield Contact(listing=entry.row, function="Line for partner agencies", phone=line, access=inside, order=2)
    if entry.story["hours"] == "always":
        mobile = world.phone("07700")
        yield Contact(listing=entry.row, function="Out of hours", phone=mobile, access=inside, order=3)
    if officer := entry.story.get("officer"):
        email = world.people[officer].email
        yield Contact(
            listing=entry.row,
            function="Lead worker",
            officer=officer,
            phone=world.phone(entry.home["phone"]),
            email=email if email.split("@")[1] == domain else f"{spelled(officer)}@{domain}",
            access=inside,
            order=4,
        )


def _hours(entry: Entry) -> Iterator[OpeningHours]:
    for days, opens, closes in HOURS[entry.story["hours"]]:
        for day in days:
            yield OpeningHours(listing=entry.row, weekday=day, opens=_time(opens), closes=closes and _time(closes))


def _places(entry: Entry) -> Iterator[Place]:
    for name, street, town, postcode in entry.story.get("places", []):
        yield Place(listing=entry.row, name=name, street=street, town=town, postcode=postcode)


def _shares(world: World, entry: Entry) -> Iterator[Share]:
    for name in entry.story.get("shared", []):
        given, at, accepted = entry.row.assured_by, entry.row.updated_at, world.leads.get(name)
        agency = world.agencies[name]
        yield Share(listing=entry.row, agency=agency, given_by=given, given_at=at, accepted_by=accepted, accepted_at=at)


def _remember(world: World, listing: Listing) -> None:
    """Whoever keeps a listing confirmed it on that day, and most of them a quarter before that as well;
    it was added before that."""
    assert listing.assured_on  # noqa: S101  listings that nobody confirmed are not given here
    began = listing.updated_at - dt.timedelta(days=200)
    world.remember("listing.add", listing, by=listing.assured_by, at=began, access=listing.access, fields=[])
    for days in (0, 91) if world.chance.random() < 0.7 else (0,):
        day = listing.assured_on - dt.timedelta(days)
        at = listing.updated_at - dt.timedelta(days)
        world.remember("listing.confirm", listing, by=listing.assured_by, at=at, on=day.isoformat())


def _time(text: str) -> dt.time:
    return dt.time.fromisoformat(text)
