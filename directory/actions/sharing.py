"""Sharing a restricted listing with one more agency or network: one side offers, the other accepts, either ends it."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from audit import trail
from directory.access import Access
from directory.models import Listing, Share
from directory.rows import NOT_YOURS, answering, own_row
from network import roles
from network.models import Agency, Membership, Network


@transaction.atomic
def offer_share(*, listing: Listing, to: Agency | Network, until: dt.datetime | None, by: User) -> Share:
    """Offer to share a listing with one more agency, or with all of a network, and return the share: it opens nothing
    until they accept.

    Leads of the listing's agency may. Raises PermissionDenied; ValidationError where the listing is not restricted, for
    a place that the person does not know or that has ended, for an end that is past, and where the two share already.
    """
    listing = own_row(listing, "share.offer", by)
    _require_shareable(listing)
    place = {"agency": to} if isinstance(to, Agency) else {"network": to}
    if to.pk == listing.agency_id or not _is_known_and_live(to, by):
        raise ValidationError("Choose one of the agencies or networks.")
    if until is not None and until <= timezone.now():
        raise ValidationError("Choose a last day that is not past.")
    if Share.objects.open().filter(listing=listing, **place).exists():
        raise ValidationError(f"It is offered to or shared with {to} already.")
    share = Share.objects.create(listing=listing, until_at=until, given_by=by, **place)
    trail.record("share.offer", listing, by=by, share=str(share.pk), until=until.isoformat() if until else "no end")
    return share


@transaction.atomic
def accept_share(*, share: Share, by: User) -> Share:
    """Accept what was offered to one's agency or network; its people see the listing from now on.

    Leads of that agency, or coordinators of that network, may. Raises PermissionDenied; ValidationError when the offer
    is gone.
    """
    roles.require(by, *answering(share))
    offered = Share.objects.visible_to(by).offered().filter(pk=share.pk)
    if not offered.update(accepted_at=Now(), accepted_by=by):
        raise ValidationError("This is not offered any more.")
    share = Share.objects.select_related("listing", "agency", "network").get(pk=share.pk)
    trail.record("share.accept", share.listing, by=by, share=str(share.pk))
    return share


@transaction.atomic
def end_share(*, share: Share, by: User) -> Share:
    """End a share, take an offer back, or decline it: from now on it opens nothing.

    Both sides may: leads of the listing's agency, and whoever may accept. Raises PermissionDenied; ValidationError
    when it has ended already.
    """
    answers = roles.may(by, *answering(share))
    if not (answers or roles.may(by, "share.offer", share.listing)):
        raise PermissionDenied(NOT_YOURS)
    going_on = Share.objects.unended().visible_to(by).filter(pk=share.pk)
    was_accepted = share.accepted_at is not None
    if not going_on.update(until_at=Now()):
        raise ValidationError("This has ended already.")
    verb = "share.decline" if answers and not was_accepted else "share.end"
    trail.record(verb, share.listing, by=by, share=str(share.pk))
    return share


def _require_shareable(listing: Listing) -> None:
    if listing.access != Access.RESTRICTED:
        raise ValidationError("Only a listing that is for its own agency and those it is shared with can be shared.")
    if not Membership.objects.live().filter(agency=listing.agency_id).exists():
        raise ValidationError("Your agency can share once it is a member of a network.")


def _is_known_and_live(to: Agency | Network, by: User) -> bool:
    if isinstance(to, Network):
        return Network.objects.live().visible_to(by).filter(pk=to.pk).exists()
    members = Membership.objects.live().values("agency")
    return Agency.objects.visible_to(by).filter(pk=to.pk, pk__in=members).exists()
