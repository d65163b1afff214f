"""What somebody who keeps a listing, or was given it, can do there beside reading it; and what waits for whom."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.urls import reverse

from directory import covers, need_to_know, viewings
from directory.access import Access
from directory.models import Contact, Listing, Loosening, Mobile, SafePlace, SafePlaceChange, Share
from network import roles, standing
from network.models import Agency, Membership, Network
from network.standing import Standing
from network.visibility import LEADS, Role

Link = dict[str, str]


class ShareRow(NamedTuple):
    """A share as its page shows it, with its state in words."""

    share: Share
    is_open: bool
    state: str
    colour: str


def panel(reader: Any, listing: Listing) -> dict[str, Any]:
    """What the listing's page shows beside what the listing says: links, and mobile numbers to ask for."""
    here = standing.of(reader)
    mobiles = Mobile.objects.visible_to(here).filter(contact__listing=listing)
    return {
        "mobiles": list(mobiles.select_related("contact").order_by("contact__order", "contact__function")),
        "keeping": _links(here, listing),
    }


def _links(here: Standing, listing: Listing) -> list[Link]:
    place = SafePlace.objects.visible_to(here).filter(listing=listing).exists()
    restricted, concealed = listing.access == Access.RESTRICTED, listing.access == Access.CONCEALED

    def may(right: str) -> bool:
        return roles.may(here, right, listing)

    wanted = {
        "shares": ("Who it is shared with", restricted and may("listing.tighten")),
        "loosen": ("Let more people see it", may("listing.loosen")),
        "grants": ("Who needs to know", (concealed or place) and may("grant.give")),
        "cover": ("Cover name", concealed and may("cover.name")),
        "safe_place": ("Show the safe place", place),
        "change_safe_place": (
            "Change the safe place" if place else "Add a safe place",
            (restricted or concealed) and may("safe_place.edit"),
        ),
    }
    return [
        {"text": text, "url": reverse(f"directory:{name}", args=[listing.pk])}
        for name, (text, shown) in wanted.items()
        if shown
    ]


def shares_page(reader: Any, listing: Listing) -> dict[str, Any]:
    """With whom the listing is shared, and was."""
    here = standing.of(reader)
    found = Share.objects.visible_to(here).filter(listing=listing)
    shares = found.select_related("agency", "network", "given_by", "accepted_by").order_by("-given_at")
    live = set(Share.objects.open().filter(listing=listing).values_list("pk", flat=True))
    return {
        "listing": listing,
        "shares": [share_row(share, is_open=share.pk in live) for share in shares],
        "may_offer": roles.may(here, "share.offer", listing) and listing.access == Access.RESTRICTED,
    }


def share_row(share: Share, *, is_open: bool) -> ShareRow:
    """The share with its state in words."""
    if not is_open:
        state, colour = ("Ended" if share.accepted_at else "Not accepted"), "grey"
    else:
        state, colour = ("Shared", "green") if share.accepted_at else ("Offered", "yellow")
    return ShareRow(share, is_open, state, colour)


def places_to_share_with(reader: Any, listing: Listing) -> dict[str, Any]:
    """The agencies and networks that this person knows, without the listing's own agency."""
    here = standing.of(reader)
    live = Membership.objects.live().values("agency")
    agencies = Agency.objects.visible_to(here).filter(pk__in=live).exclude(pk=listing.agency_id)
    return {"agencies": list(agencies), "networks": list(Network.objects.live().visible_to(here))}


def sharing_page(reader: Any) -> dict[str, Any]:
    """What was offered to this person's agency or network, shared with it, given to them, and waits for their yes."""
    here = standing.of(reader)
    answerable = _answerable(here)
    return {
        "offered": [share for share in answerable if share.accepted_at is None],
        "shared": [share for share in answerable if share.accepted_at],
        "given": need_to_know.held_by(here),
        "waiting": waiting(here),
        "shows_covers": here.holds(Role.COORDINATOR, Role.AUDITOR),
        "shows_viewings": here.holds(*viewings.READERS),
    }


def offered(reader: Any) -> list[Share]:
    """What waits for this person to accept or decline."""
    return [share for share in _answerable(standing.of(reader)) if share.accepted_at is None]


def _answerable(here: Standing) -> list[Share]:
    to_us = Share.objects.open().visible_to(here)
    ours = to_us.filter(agency__in=here.agencies(*LEADS)) | to_us.filter(network__in=here.networks(Role.COORDINATOR))
    return list(ours.select_related("listing__agency", "agency", "network", "given_by").order_by("-given_at", "-id"))


def waiting(reader: Any) -> list[Link]:
    """What somebody else asked for and this person may allow."""
    here = standing.of(reader)
    opened = Loosening.objects.waiting().visible_to(here).exclude(asked_by=here.person)
    places = SafePlaceChange.objects.waiting().visible_to(here).exclude(asked_by=here.person)
    found = [
        *(
            ("directory:loosening", row, f"Let more people see {row.listing}")
            for row in opened.select_related("listing")
        ),
        *(
            ("directory:safe_place_change", row, f"A safe place of {row.listing}")
            for row in places.select_related("listing")
        ),
    ]
    return [{"text": text, "url": reverse(name, args=[row.pk])} for name, row, text in found]


def loosen_page(reader: Any, listing: Listing) -> dict[str, Any]:
    """What is asked for already, and the contacts that could be opened."""
    here = standing.of(reader)
    contacts = Contact.objects.visible_to(here).filter(listing=listing).exclude(access=listing.access)
    asked = Loosening.objects.waiting().visible_to(here).filter(listing=listing)
    return {"listing": listing, "contacts": list(contacts), "asked": list(asked.select_related("contact", "asked_by"))}


def place_page(reader: Any, listing: Listing) -> dict[str, Any]:
    """Whether there is a safe place, and what is asked for already."""
    here = standing.of(reader)
    asked = SafePlaceChange.objects.waiting().visible_to(here).filter(listing=listing)
    return {
        "listing": listing,
        "has_place": SafePlace.objects.visible_to(here).filter(listing=listing).exists(),
        "asked": asked.select_related("asked_by").first(),
    }


def covers_page(reader: Any) -> dict[str, Any]:
    """Cover names with the live grants that a coordinator may end, and references."""
    known = covers.known_to(reader)
    given = need_to_know.run_by(reader, [cover.pk for cover in known.names])
    of: dict[Any, list[Any]] = {}
    for one in given:
        of.setdefault(one.listing.pk, []).append(one)
    return {
        "names": [{"name": cover.name, "given": of.get(cover.pk, [])} for cover in known.names],
        "references": known.references,
    }
