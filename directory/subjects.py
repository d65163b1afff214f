"""What one may ask about: a listing, a contact, a mobile number or a safe place; and why each is open to somebody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from directory.models import Contact, Listing, Mobile, SafePlace
from directory.reasons import Facts, Way, why, why_contact, why_mobile, why_safe_place
from network import grants, roles
from network.standing import Standing


@dataclass(frozen=True)
class Subject:
    """A thing that the asker sees, the listing it hangs on, what it is called, and the reasons that open it.

    `why` takes the facts of the listing and where somebody stands. `has_past` says whether the trail keeps enough to
    answer for a past moment.
    """

    kind: str
    row: Any
    listing: Listing
    part: str
    why: Callable[[Facts, Standing], list[Way]]
    has_past: bool = False

    @property
    def name(self) -> str:
        """What it is called, and of which listing."""
        return f"{self.part}, {self.listing.name}" if self.part else self.listing.name

    def answers_to(self, by: Any) -> bool:
        """Whether the person may hear who else can see it: its agency's leads; unless it is concealed or a safe place,
        also coordinators and auditors of the agency's networks, and the nation."""
        secret = self.listing.is_concealed or self.kind == "safe-place"
        return roles.may(by, "listing.explain_concealed" if secret else "listing.explain", self.listing)


def find(kind: str, pk: UUID, by: Any) -> Subject | None:
    """The thing of this kind and ID, if the person can see it. One query, or two."""
    return FINDERS[kind](pk, by) if kind in FINDERS else None


def of_listing(listing: Listing) -> Subject:
    """A listing that the asker is known to see."""
    return Subject("listing", listing, listing, "", why, has_past=True)


def of_contact(contact: Contact) -> Subject:
    """A contact that the asker is known to see; its listing has to be fetched with it."""
    name = f"{contact.function}{f' ({contact.officer})' if contact.officer else ''}"
    return Subject("contact", contact, contact.listing, name, lambda facts, here: why_contact(facts, contact, here))


def of_mobile(mobile: Mobile) -> Subject:
    """A mobile number that the asker may ask for."""
    name = f"Mobile number: {mobile.contact.function}"
    return Subject("mobile", mobile, mobile.contact.listing, name, lambda facts, here: why_mobile(facts, mobile, here))


def of_safe_place(place: SafePlace) -> Subject:
    """A safe place that the asker may ask to be shown."""
    given = list(grants.live(SafePlace).select_related("given_by").filter(content_object=place))
    return Subject(
        "safe-place", place, place.listing, "Safe place", lambda facts, here: why_safe_place(facts, given, here)
    )


def beside(listing: Listing, by: Any) -> list[Subject]:
    """What hangs on the listing and may be asked about too, as far as the person sees it. Four queries."""
    contacts = Contact.objects.visible_to(by).select_related("listing__agency").filter(listing=listing)
    mobiles = Mobile.objects.visible_to(by).select_related("contact__listing__agency").filter(contact__listing=listing)
    places = SafePlace.objects.visible_to(by).select_related("listing__agency").filter(listing=listing)
    return [*map(of_contact, contacts), *map(of_mobile, mobiles), *map(of_safe_place, places)]


def _listing(pk: UUID, by: Any) -> Subject | None:
    found = Listing.objects.visible_to(by).select_related("agency").filter(pk=pk).first()
    return of_listing(found) if found else None


def _contact(pk: UUID, by: Any) -> Subject | None:
    found = Contact.objects.visible_to(by).select_related("listing__agency").filter(pk=pk).first()
    return of_contact(found) if found else None


def _mobile(pk: UUID, by: Any) -> Subject | None:
    found = Mobile.objects.visible_to(by).select_related("contact__listing__agency").filter(pk=pk).first()
    return of_mobile(found) if found else None


def _safe_place(pk: UUID, by: Any) -> Subject | None:
    found = SafePlace.objects.visible_to(by).select_related("listing__agency").filter(pk=pk).first()
    return of_safe_place(found) if found else None


FINDERS: dict[str, Callable[[UUID, Any], Subject | None]] = {
    "listing": _listing,
    "contact": _contact,
    "mobile": _mobile,
    "safe-place": _safe_place,
}
