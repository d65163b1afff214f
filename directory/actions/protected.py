"""Safe places, one at a time and each showing remembered; cover names; and mobile numbers."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from accounts.factors import require_fresh
from accounts.models import User
from audit import trail
from directory import covers, reveals, safe_places
from directory.access import Access
from directory.models import Cover, Listing, Mobile, SafePlace, SafePlaceChange
from directory.models.asked import LASTS, NOT_ALONE
from directory.rows import NOT_YOURS, own_row
from network import grants, roles, standing
from network.grants import SHORTEST_REASON
from network.visibility import Role

TAKES = {Access.RESTRICTED, Access.CONCEALED}


@transaction.atomic
def name_cover(*, listing: Listing, name: str, by: User) -> Cover:
    """Say what coordinators call a concealed listing. Its leads may. Raises PermissionDenied; ValidationError for a
    listing that is not concealed, for no name, and for words of its own or its agency's name."""
    listing = own_row(listing, "cover.name", by)
    if not listing.is_concealed:
        raise ValidationError("Only a concealed listing has a cover name.")
    cover = covers.make(listing)
    cover.name = name.strip()
    covers.require_telling_nothing(cover.name, listing)
    cover.full_clean(exclude=["listing"])
    cover.save(update_fields=["name"])
    trail.record("cover.name", listing, by=by, reference=cover.reference)
    return cover


@transaction.atomic
@sensitive_variables()
def ask_safe_place(*, listing: Listing, facts: Mapping[str, str] | None, by: User) -> SafePlaceChange:
    """Ask that a listing's safe place be this one; None: that it be removed. Nothing changes until another lead allows
    it. `facts` holds `directory.safe_places.FIELDS`.

    Leads of its agency with a fresh factor may. Raises PermissionDenied, FreshFactorNeeded; ValidationError without an
    address, for a listing that more people see, for removing what is not there, and where a change waits already.
    """
    listing = own_row(listing, "safe_place.edit", by)
    require_fresh(by)
    if listing.access not in TAKES:
        raise ValidationError("Only a restricted or concealed listing can have a safe place.")
    if facts is None and not SafePlace.objects.filter(listing=listing).exists():
        raise ValidationError("There is no safe place to remove.")
    if SafePlaceChange.objects.waiting().filter(listing=listing).exists():
        raise ValidationError("A change is waiting already. End that first.")
    text = "" if facts is None else safe_places.sealed(facts, listing.pk)
    expires = timezone.now() + LASTS
    change = SafePlaceChange.objects.create(listing=listing, sealed=text, asked_by=by, expires_at=expires)
    trail.record("safe_place.ask", change, by=by, removal=change.is_removal)
    return change


@transaction.atomic
def confirm_safe_place(*, change: SafePlaceChange, by: User) -> SafePlaceChange:
    """Allow what another lead asked for. Who had been given the old place is not given the new one.

    Another lead of the agency with a fresh factor may. Raises PermissionDenied, also for who asked; FreshFactorNeeded;
    ValidationError when it waits no more, when who asked no longer leads the agency, or more people see the listing.
    """
    asked = _seen_change(change, by)
    listing = own_row(asked.listing, "safe_place.edit", by)
    if asked.asked_by_id == by.pk:
        raise PermissionDenied(NOT_ALONE)
    require_fresh(by)
    if listing.access not in TAKES or not roles.may(asked.asked_by, "safe_place.edit", listing):
        raise ValidationError("This cannot be allowed any more. Ask anew.")
    if not SafePlaceChange.objects.waiting().filter(pk=asked.pk).update(confirmed_at=Now(), confirmed_by=by):
        raise ValidationError("This is not waiting any more.")
    _write_place(listing, asked)
    trail.record("safe_place.confirm", asked, by=by, removal=asked.is_removal, person=str(asked.asked_by_id))
    return asked


@transaction.atomic
def end_safe_place_change(*, change: SafePlaceChange, by: User) -> SafePlaceChange:
    """Decline a change of a safe place, or take back one's own. Leads of the agency may. Raises PermissionDenied;
    ValidationError when it waits no more."""
    asked = _seen_change(change, by)
    roles.require(by, "safe_place.edit", asked)
    if not SafePlaceChange.objects.waiting().filter(pk=asked.pk).update(ended_at=Now()):
        raise ValidationError("This is not waiting any more.")
    trail.record("safe_place.end", asked, by=by)
    return asked


@transaction.atomic
@sensitive_variables()
def reveal_safe_place(*, listing: Listing, reason: str, by: User) -> dict[str, str]:
    """The safe place's facts, to be shown once. The entry that tells of it is written first: without it nothing opens.

    Leads of its agency, and holders of a live grant on it, with a fresh factor may. Raises PermissionDenied,
    FreshFactorNeeded; ValidationError for a reason under 20 characters; `accounts.sealing.Unreadable`.
    """
    found = SafePlace.objects.visible_to(by).filter(listing=listing).select_related("listing").first()
    if found is None:
        raise PermissionDenied(NOT_YOURS)
    require_fresh(by)
    if len(reason.strip()) < SHORTEST_REASON:
        raise ValidationError(f"Say why in {SHORTEST_REASON} characters or more.")
    trail.record("safe_place.reveal", found, by=by, listing=str(found.listing_id), reason=reason.strip())
    return safe_places.opened(found.sealed, found.listing_id)


@transaction.atomic
@sensitive_variables()
def review_safe_place(*, change: SafePlaceChange, by: User) -> dict[str, str]:
    """The facts that somebody proposes, to be shown once to who may allow them; remembered as any showing is.

    Leads of the agency with a fresh factor may. Raises PermissionDenied, FreshFactorNeeded; ValidationError when it
    waits no more.
    """
    asked = _seen_change(change, by)
    roles.require(by, "safe_place.edit", asked)
    require_fresh(by)
    if not SafePlaceChange.objects.waiting().filter(pk=asked.pk).exists() or asked.is_removal:
        raise ValidationError("This is not waiting any more.")
    trail.record("safe_place.review", asked, by=by, listing=str(asked.listing_id))
    return safe_places.opened(asked.sealed, asked.listing_id)


@transaction.atomic
@sensitive_variables()
def reveal_mobile(*, mobile: Mobile, by: User) -> str:
    """One mobile number. The entry that tells of it is written first: without it nothing is shown.

    Who may ask for it may; the nation with a fresh factor. Raises PermissionDenied, FreshFactorNeeded; ValidationError
    when the person has asked for too many today. Asking for many is told to leads, by a notice that names nobody.
    """
    found = Mobile.objects.visible_to(by).filter(pk=mobile.pk).select_related("contact__listing").first()
    if found is None:
        raise PermissionDenied(NOT_YOURS)
    here = standing.of(by)
    if here.holds(Role.NATIONAL) and not Mobile.objects.visible_to(here.without(Role.NATIONAL)).filter(pk=found.pk):
        require_fresh(by)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)  # so that two at once are counted one after the other
    today, hour = reveals.count(by)
    reveals.require_some_left(today)
    trail.record("mobile.reveal", found, by=by, listing=str(found.contact.listing_id))
    if reveals.is_unusual(today + 1, hour + 1):
        for agency in reveals.to_tell(by, found.agency_id):
            trail.record("mobile.unusual", agency, by=by, today=today + 1, last_hour=hour + 1)
            reveals.tell(agency, by)
    return found.number


def _seen_change(change: SafePlaceChange, by: User) -> SafePlaceChange:
    found = SafePlaceChange.objects.visible_to(by).filter(pk=change.pk)
    asked = found.select_related("listing", "asked_by").first()
    if asked is None:
        raise PermissionDenied(NOT_YOURS)
    return asked


def _write_place(listing: Listing, asked: SafePlaceChange) -> None:
    old = SafePlace.objects.filter(listing=listing).first()
    if old is None and not asked.is_removal:
        SafePlace.objects.create(listing=listing, sealed=asked.sealed)
    elif old is not None and asked.is_removal:
        old.delete()
    elif old is not None:
        grants.lapse(old)
        old.sealed, old.changed_at = asked.sealed, timezone.now()
        old.save(update_fields=["sealed", "changed_at"])
