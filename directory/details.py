"""Writing what hangs on a listing: contacts, opening hours, places. Called by actions, inside their transaction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from accounts.models import User
from directory.access import Access
from directory.models import Contact, Listing, Mobile, OpeningHours, Place
from directory.opening import Span

CONTACT_FIELDS = ("function", "officer", "phone", "email", "access")
MOBILE_FIELDS = ("mobile", "on_call", "no_mobile")
MOBILE = re.compile(r"^(?:\+?44|0)7[0-9]")
WHOLE_MOBILE = re.compile(r"^(?:\+?44|0)(7[0-9]{3})([0-9]{6})$")


def keep(listing: Listing, parts: Mapping[str, Any], by: User) -> None:
    """Make the listing's parts what they are given as. Raises ValidationError."""
    if "contacts" in parts:
        keep_contacts(listing, parts["contacts"], by)
    if "hours" in parts:
        keep_hours(listing, parts["hours"])
    if "places" in parts:
        keep_places(listing, parts["places"])


def keep_contacts(listing: Listing, rows: Sequence[Mapping[str, Any]], by: User) -> None:
    """Change the contacts whose `id` is given, add those without, remove the others that this person can see.

    What they cannot see stays as it is. Raises ValidationError for the ID of a contact that is not the listing's or
    not theirs to see, for one looser than the listing or than it was, for a named officer's mobile number among the
    ordinary ones, and for a mobile number that is none. A row may hold MOBILE_FIELDS; without them the mobile number
    stays as it is.
    """
    known = {contact.pk: contact for contact in Contact.objects.visible_to(by).filter(listing=listing)}
    kept = [_contact(listing, row, known, order) for order, row in enumerate(rows)]
    listing.contacts.filter(pk__in=known.keys() - {contact.pk for contact in kept}).delete()
    for contact, row in zip(kept, rows, strict=True):
        contact.full_clean()
        contact.save()
        keep_mobile(contact, row)


@sensitive_variables()
def keep_mobile(contact: Contact, row: Mapping[str, Any]) -> None:
    """Keep, change or drop the contact's mobile number. Raises ValidationError for one that is none."""
    kept = Mobile.objects.filter(contact=contact)
    if row.get("no_mobile"):
        kept.delete()
    elif typed := row.get("mobile", ""):
        values = {"number": mobile_number(typed), "person": _owner(contact), "on_call": bool(row.get("on_call"))}
        Mobile.objects.update_or_create(contact=contact, defaults=values)
    elif "on_call" in row:
        kept.update(on_call=bool(row["on_call"]))


def mobile_number(typed: str) -> str:
    """A UK mobile number as we write it: `07700 900123`. Raises ValidationError."""
    found = WHOLE_MOBILE.match(re.sub(r"[^0-9+]", "", typed))
    if not found:
        raise ValidationError("Enter a UK mobile number, like 07700 900 982.")
    return f"0{found[1]} {found[2]}"


def keep_hours(listing: Listing, spans: Iterable[Span]) -> None:
    """Replace the opening hours."""
    listing.hours.all().delete()
    OpeningHours.objects.bulk_create([OpeningHours(listing=listing, **span._asdict()) for span in spans])


def keep_places(listing: Listing, rows: Sequence[Mapping[str, Any]]) -> None:
    """Replace the places. Raises ValidationError for a concealed listing, which has none."""
    if rows and listing.is_concealed:
        raise ValidationError("A concealed listing has no address here.")
    listing.places.all().delete()
    Place.objects.bulk_create([Place(listing=listing, **row) for row in rows])


def _contact(listing: Listing, row: Mapping[str, Any], known: Mapping[Any, Contact], order: int) -> Contact:
    contact = Contact(listing=listing)
    floor = Access(listing.access)
    if row.get("id"):
        if row["id"] not in known:
            raise ValidationError("One of the contacts no longer exists. Open the page again.")
        contact = known[row["id"]]
        floor = max(floor, Access(contact.access), key=list(Access).index)
    if row["access"] not in floor.as_strict:
        raise ValidationError("A contact cannot be seen by more people than its listing, or than before.")
    for name in CONTACT_FIELDS:
        setattr(contact, name, row.get(name, ""))
    if contact.officer and MOBILE.match(re.sub(r"[^0-9+]", "", contact.phone)):
        raise ValidationError(
            "Give an office or duty number here. A named person’s mobile number goes under “Mobile number”."
        )
    if contact.officer and contact.access == Access.PUBLIC:
        raise ValidationError("A contact that names a person cannot be public.")
    contact.order = order
    return contact


def _owner(contact: Contact) -> User | None:
    """Whose mobile it is, where the contact's address is that of somebody of the agency."""
    if not contact.email:
        return None
    agency = contact.listing.agency_id
    owner: User | None = User.objects.filter(email=contact.email.lower(), appointments__agency=agency).first()
    return owner
