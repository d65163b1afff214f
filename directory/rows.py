"""The row that an action acts on: seen by who acts, theirs to change, and held against whoever else would change it."""

from __future__ import annotations

import hashlib
import json

from django.core.exceptions import PermissionDenied

from accounts.models import User
from directory.models import Listing, Share
from network import roles
from network.models import Agency, Network

NOT_YOURS = "Your role does not let you do this."


def own_row(listing: Listing, right: str, by: User) -> Listing:
    """The listing, locked: no right to act stands without the right to see. Raises PermissionDenied."""
    roles.require(by, right, listing)
    found = Listing.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=listing.pk).first()
    if found is None:
        raise PermissionDenied(NOT_YOURS)
    return found


def answering(share: Share) -> tuple[str, Agency | Network]:
    """The right that answering for the other side of a share takes, and over what."""
    if share.agency is not None:
        return "share.answer_for_agency", share.agency
    assert share.network is not None  # noqa: S101  the database says so
    return "share.answer_for_network", share.network


def fingerprint(listing: Listing) -> str:
    """What the listing says, and how open it and all that hangs on it is, in 64 characters. Confirming that it is still
    right does not change it."""
    said = ("name", "summary", "description", "referral", "languages", "not_taking_until", "access", "agency_id")
    contact = ("id", "function", "officer", "phone", "email", "access", "mobile__number", "mobile__on_call")
    place = ("name", "street", "town", "postcode", "note")
    state = [
        [str(getattr(listing, name)) for name in said],
        sorted(listing.terms.values_list("pk", flat=True)),
        sorted(map(str, listing.areas.values_list("pk", flat=True))),
        [list(map(str, row)) for row in listing.contacts.order_by("pk").values_list(*contact)],
        [
            list(map(str, row))
            for row in listing.hours.order_by("weekday", "opens").values_list("weekday", "opens", "closes")
        ],
        [list(map(str, row)) for row in listing.places.order_by("pk").values_list(*place)],
    ]
    return hashlib.sha256(json.dumps(state).encode()).hexdigest()
