"""What is more private than the listings: covers, a safe place, mobile numbers, a grant, and an offer that waits."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.models import Permission

from demonstration.story.world import World
from directory import covers, safe_places
from directory.models import Access, Contact, Listing, ListingGrant, Mobile, SafePlace, Share

LARCHES, DESK = "Haven House: The Larches", "Safeguarding and modern slavery officers"
# No such street, town or postcode: the postcode area does not exist.
SAFE_PLACE = {
    "address": "12 Example Terrace\nNowhere-on-Wear",
    "postcode": "ZZ9 9ZZ",
    "position": "",
    "getting_in": "Ring the duty phone from the corner. Somebody comes to the side gate.",
}
COVERS = {LARCHES: "Blue lamp", "Beacon Way men's houses": "Old ferry", "Riverbank crash pad": "Corn loft"}
# (listing, the contact's function, whether others may ask for it)
MOBILES = (
    ("Women's outreach and resettlement", "Lead worker", True),
    ("Advice for survivors of modern slavery", "Lead worker", False),
)


def tell(world: World) -> None:
    """Write them, and what the trail remembers of it."""
    rows = {listing.name: listing for listing in Listing.objects.select_related("agency")}
    for name, cover in COVERS.items():
        made = covers.make(rows[name])
        made.name = cover
        made.save(update_fields=["name"])
    _safe_place(world, rows[LARCHES])
    _grant(world, rows[LARCHES])
    for name, function, on_call in MOBILES:
        contact = Contact.objects.get(listing=rows[name], function=function)
        Mobile.objects.create(contact=contact, number=world.phone("07700"), on_call=on_call)
    _offer(world, rows[DESK])


def _safe_place(world: World, larches: Listing) -> None:
    lead, deputy = world.people["Mia Hughes"], world.people["Blessing Adeyemi"]
    place = SafePlace.objects.create(listing=larches, sealed=safe_places.sealed(SAFE_PLACE, larches.pk))
    place.listing = larches
    at = world.ago(120, "14:10")
    world.remember("safe_place.ask", place, by=lead, at=at, removal=False)
    world.remember("safe_place.confirm", place, by=deputy, at=at + dt.timedelta(hours=3), removal=False)


def _grant(world: World, larches: Listing) -> None:
    """Asha needs to know the refuge for a meeting: given this morning, over in two days."""
    at, until = world.ago(0, "09:00"), world.now + dt.timedelta(hours=48)
    mia, asha = world.people["Mia Hughes"], world.people["Asha Rahman"]
    ListingGrant.objects.create(
        content_object=larches,
        user=asha,
        permission=Permission.objects.get(content_type__app_label="directory", codename="view_listing"),
        reason="She chairs Thursday’s meeting about a threat to the house",
        given_by=mia,
        given_at=at,
        until_at=until,
    )
    world.remember("grant.give", larches, by=mia, at=at, person=str(asha.pk), until=until.isoformat())


def _offer(world: World, desk: Listing) -> None:
    assert desk.access == Access.RESTRICTED  # noqa: S101  only such a listing is shared
    at, lead = world.ago(2, "15:40"), world.leads[desk.agency.name]
    share = Share.objects.create(listing=desk, agency=world.agencies["Haven House"], given_by=lead, given_at=at)
    world.remember("share.offer", desk, by=lead, at=at, share=str(share.pk), until="no end")
