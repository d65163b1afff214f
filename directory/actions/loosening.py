"""Letting more people see a listing or a contact: one person asks, a second one allows it, each with a fresh factor."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.factors import require_fresh
from accounts.models import User
from audit import trail
from directory.access import Access
from directory.models import Contact, Listing, Loosening, SafePlace, Share
from directory.models.asked import LASTS, NOT_ALONE
from directory.rows import NOT_YOURS, fingerprint, own_row
from network import grants, roles


@transaction.atomic
def ask_to_loosen(*, listing: Listing, contact: Contact | None, access: str, by: User) -> Loosening:
    """Ask that more people may see a listing, or one of its contacts. Nothing changes until a second person allows it.

    Leads of its agency with a fresh factor may. Raises PermissionDenied, FreshFactorNeeded; ValidationError when the
    access is not looser, when a contact would become looser than its listing or name somebody in public, when the
    listing has a safe place that it could not keep, and when the same is asked for already.
    """
    listing = own_row(listing, "listing.loosen", by)
    require_fresh(by)
    if contact is not None:
        contact = Contact.objects.visible_to(by).filter(listing=listing, pk=contact.pk).first()
        if contact is None:
            raise ValidationError("This contact no longer exists.")
    before, after = _looser(listing, contact, access)
    if Loosening.objects.waiting().filter(listing=listing, contact=contact).exists():
        raise ValidationError("This has been asked for already. End that first.")
    loosening = Loosening.objects.create(
        listing=listing,
        contact=contact,
        before=before,
        after=after,
        state=fingerprint(listing),
        asked_by=by,
        expires_at=timezone.now() + LASTS,
    )
    trail.record("loosening.ask", listing, by=by, of=_kind(loosening), now=before.value, wanted=after.value)
    return loosening


@transaction.atomic
def loosen(*, loosening: Loosening, by: User) -> Listing:
    """Allow what somebody else asked for: more people see the listing or the contact at once. Returns the listing.

    Another lead of its agency, or a coordinator of its network who can see it, may, with a fresh factor. Raises
    PermissionDenied, also for who asked; FreshFactorNeeded; ValidationError when it was answered, is older than a week,
    when the listing has changed since, and when who asked no longer leads the agency.
    """
    asked = _seen(loosening, by)
    listing = own_row(asked.listing, "listing.confirm_loosening", by)
    if asked.asked_by_id == by.pk:
        raise PermissionDenied(NOT_ALONE)
    require_fresh(by)
    if not roles.may(asked.asked_by, "listing.loosen", listing):
        raise ValidationError("Who asked for this no longer leads the agency. Ask anew.")
    if asked.state != fingerprint(listing):
        raise ValidationError("The listing has changed since this was asked for. Ask anew.")
    if not Loosening.objects.waiting().filter(pk=asked.pk).update(confirmed_at=Now(), confirmed_by=by):
        raise ValidationError("This is not waiting any more.")
    before, after = _looser(listing, asked.contact, asked.after)
    _open(listing, asked.contact, after, by)
    verb = "contact.loosen" if asked.contact else "listing.loosen"
    trail.record(verb, listing, by=by, before=before.value, after=after.value, person=str(asked.asked_by_id))
    return listing


@transaction.atomic
def end_loosening(*, loosening: Loosening, by: User) -> Loosening:
    """Decline what somebody asked for, or take back what one asked for oneself.

    Whoever may ask or allow it may. Raises PermissionDenied; ValidationError when it waits no more.
    """
    asked = _seen(loosening, by)
    roles.require(by, "listing.confirm_loosening", asked.listing)
    if not Loosening.objects.waiting().filter(pk=asked.pk).update(ended_at=Now()):
        raise ValidationError("This is not waiting any more.")
    trail.record("loosening.end", asked.listing, by=by, of=_kind(asked))
    return asked


def _seen(loosening: Loosening, by: User) -> Loosening:
    found = Loosening.objects.visible_to(by).filter(pk=loosening.pk)
    asked = found.select_related("listing", "contact", "asked_by").first()
    if asked is None:
        raise PermissionDenied(NOT_YOURS)
    return asked


def _looser(listing: Listing, contact: Contact | None, access: str) -> tuple[Access, Access]:
    """How open it is and how open it would be. Raises ValidationError where that is not looser, or not possible."""
    before = Access(contact.access if contact else listing.access)
    if access not in Access.values or Access(access) == before or before not in Access(access).as_strict:
        raise ValidationError("Choose an answer that lets more people see it.")
    after = Access(access)
    if contact and after not in Access(listing.access).as_strict:
        raise ValidationError("A contact cannot be seen by more people than its listing.")
    if contact and contact.officer and after == Access.PUBLIC:
        raise ValidationError("A contact that names a person cannot be public.")
    has_place = not contact and SafePlace.objects.filter(listing=listing).exists()
    if has_place and after not in {Access.RESTRICTED, Access.CONCEALED}:
        raise ValidationError("This listing has a safe place. Have that removed first.")
    return before, after


def _open(listing: Listing, contact: Contact | None, after: Access, by: User) -> None:
    """What hangs on the listing stays as strict as it was. Shares and grants were for the stricter access: they end, so
    that none of them comes back to life when the listing is tightened again."""
    if contact:
        contact.access = after
        contact.save(update_fields=["access"])
        return
    Share.objects.unended().filter(listing=listing).update(until_at=Now())
    grants.lapse(listing)
    listing.access, listing.updated_at, listing.updated_by = after, timezone.now(), by
    listing.save(update_fields=["access", "updated_at", "updated_by"])


def _kind(loosening: Loosening) -> str:
    return "contact" if loosening.contact_id else "listing"
