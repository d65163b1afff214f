"""Keeping a listing, and an agency's own details.

Loosening a listing's access needs two people and a fresh second factor, so nothing here can do it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from audit import trail
from directory import covers, details, search
from directory.access import Access
from directory.models import Listing, Share
from directory.rows import own_row
from network import roles
from network.models import Agency

LISTING_FIELDS = ("name", "summary", "description", "referral", "languages", "not_taking_until")
LISTING_SETS = ("terms", "areas")
LISTING_PARTS = ("contacts", "hours", "places")
AGENCY_FIELDS = ("former_names", "description", "website", "public_phone", "team_email", "office_phone")


@transaction.atomic
def add(*, agency: Agency, access: str, changes: Mapping[str, Any], by: User) -> Listing:
    """Add a listing to an agency, confirmed right today, and return it.

    The agency's leads and the coordinators of its networks may. `changes` is as for `edit`. Raises PermissionDenied,
    ValidationError.
    """
    roles.require(by, "listing.add", agency)
    listing = Listing(agency=agency, access=access, **_assured(by))
    _write(listing, changes, by)
    if listing.is_concealed:
        covers.make(listing)
    trail.record("listing.add", listing, by=by, access=listing.access, fields=sorted(changes))
    return listing


@transaction.atomic
def edit(*, listing: Listing, changes: Mapping[str, Any], by: User) -> Listing:
    """Change what a listing says; whoever edits it also confirms the rest. Returns the listing.

    `changes` may hold LISTING_FIELDS, LISTING_SETS (rows), and LISTING_PARTS as `directory.details` takes them; what it
    does not hold stays. The agency's leads and charter officers and the coordinators of its networks may. Raises
    PermissionDenied, ValidationError.
    """
    listing = own_row(listing, "listing.edit", by)
    for name, value in _assured(by).items():
        setattr(listing, name, value)
    _write(listing, changes, by)
    trail.record("listing.edit", listing, by=by, fields=sorted(changes))
    return listing


@transaction.atomic
def confirm(*, listing: Listing, by: User) -> Listing:
    """Say that all of a listing is still right. Those who may edit it may. Raises PermissionDenied."""
    listing = own_row(listing, "listing.confirm", by)
    listing.assured_on, listing.assured_by = timezone.localdate(), by
    listing.save(update_fields=["assured_on", "assured_by"])
    trail.record("listing.confirm", listing, by=by, on=listing.assured_on.isoformat())
    return listing


@transaction.atomic
def tighten(*, listing: Listing, access: str, by: User) -> Listing:
    """Let fewer people see a listing and what hangs on it. Concealing it ends its shares and drops its places.

    The agency's leads and the coordinators of its networks may. Raises PermissionDenied; ValidationError when the new
    access is not stricter than the old.
    """
    listing = own_row(listing, "listing.tighten", by)
    before, after = Access(listing.access), _access(access)
    if after == before or after not in before.as_strict:
        raise ValidationError("Choose a stricter answer: letting more people see a listing needs two people.")
    listing.access, listing.updated_at, listing.updated_by = after, timezone.now(), by
    listing.save(update_fields=["access", "updated_at", "updated_by"])
    listing.contacts.exclude(access__in=after.as_strict).update(access=after)
    if after == Access.CONCEALED:
        Share.objects.unended().filter(listing=listing).update(until_at=Now())
        listing.places.all().delete()
        covers.make(listing)
    trail.record("listing.tighten", listing, by=by, before=before.value, after=after.value)
    return listing


@transaction.atomic
def edit_agency(*, agency: Agency, changes: Mapping[str, Any], by: User) -> Agency:
    """Change an agency's own details (AGENCY_FIELDS) and return it. Its name and kind are the coordinator's to change.

    Its leads and the coordinators of its networks may. Raises PermissionDenied, ValidationError.
    """
    roles.require(by, "agency.edit", agency)
    agency = Agency.objects.visible_to(by).select_for_update().get(pk=agency.pk)
    for name in changes:
        if name not in AGENCY_FIELDS:
            raise ValidationError(f"{name} cannot be changed here.")
        setattr(agency, name, changes[name])
    agency.full_clean()
    agency.save(update_fields=list(changes))
    search.index(agency.listings.all())
    trail.record("agency.edit", agency, by=by, fields=sorted(changes))
    return agency


def _access(value: str) -> Access:
    if value not in Access.values:
        raise ValidationError("Choose who can see the listing.")
    return Access(value)


def _assured(by: User) -> dict[str, Any]:
    today = timezone.localdate()
    return {"assured_on": today, "assured_by": by, "updated_at": timezone.now(), "updated_by": by}


def _write(listing: Listing, changes: Mapping[str, Any], by: User) -> None:
    unknown = set(changes) - {*LISTING_FIELDS, *LISTING_SETS, *LISTING_PARTS}
    if unknown:
        raise ValidationError(f"{', '.join(sorted(unknown))} cannot be changed here.")
    for name in set(LISTING_FIELDS) & set(changes):
        setattr(listing, name, changes[name])
    listing.full_clean()
    listing.save()
    for name in set(LISTING_SETS) & set(changes):
        getattr(listing, name).set(changes[name])
    details.keep(listing, {name: changes[name] for name in LISTING_PARTS if name in changes}, by)
    search.index([listing])
