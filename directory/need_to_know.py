"""Giving one person one concealed listing, or its safe place, for a while. `network.grants` writes and remembers it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from accounts.models import User
from directory.models import Grant, Listing, ListingGrant, SafePlace, SafePlaceGrant
from directory.rules import MAY_NEED_TO_KNOW
from network import grants, roles, standing
from network.models import Appointment
from network.standing import Standing
from network.visibility import STAFF

USUAL_HOURS, MOST_HOURS = 24, 72
NOBODY = "Nobody who can be given this has that address. Check it with them."


class Given(NamedTuple):
    """A grant as its pages show it: the row, whether it counts now, and what it opens in words."""

    grant: Grant
    is_live: bool
    what: str

    @property
    def listing(self) -> Listing:
        """The listing it is about, which was fetched with it."""
        row: Any = self.grant.content_object  # type: ignore[attr-defined]
        found: Listing = row.listing if isinstance(row, SafePlace) else row
        return found


@transaction.atomic
def give(*, listing: Listing, person: User, with_place: bool, reason: str, hours: int, by: User) -> list[Any]:
    """Let one person know a concealed listing, or also see its safe place when they ask for it; return the grants.

    Leads of its agency with a fresh factor may. Someone who sees the listing anyway is given the safe place alone; a
    restricted listing is shared, not given. Raises PermissionDenied, FreshFactorNeeded; ValidationError where the grant
    would open nothing, and as `network.grants.give` does.
    """
    roles.require(by, "grant.give", listing)
    here = standing.of(person)
    if not here.agreed.holds(*MAY_NEED_TO_KNOW):
        raise ValidationError(NOBODY)
    sees = _sees_anyway(here, listing)
    rows: list[Any] = [] if sees or not listing.is_concealed else [listing]
    if with_place:
        rows += SafePlace.objects.visible_to(by).filter(listing=listing).select_related("listing")
    if not rows or not (sees or listing.is_concealed):
        raise ValidationError("That would let them see nothing that they do not see already.")
    until = timezone.now() + timedelta(hours=hours)
    return [grants.give(row=row, person=person, reason=reason, until=until, by=by) for row in rows]


def page(reader: Any, listing: Listing) -> dict[str, Any]:
    """The grants on a listing, whether it has a safe place, and the people to choose from: those this lead knows."""
    here = standing.of(reader)
    held = Appointment.objects.live().filter(role__in=MAY_NEED_TO_KNOW).values("person")
    people = User.objects.visible_to(here).filter(pk__in=held, is_active=True).exclude(pk=here.person)
    return {
        "given": on(listing, here),
        "has_place": SafePlace.objects.visible_to(here).filter(listing=listing).exists(),
        "people": list(people.order_by("name", "pk")),
    }


def one(reader: Any, pk: UUID) -> Any:
    """The grant with this ID, on a listing or a safe place, that this reader may see. Raises Http404."""
    here = standing.of(reader)
    listings = ListingGrant.objects.visible_to(here).filter(pk=pk).select_related("user", "content_object")
    places = SafePlaceGrant.objects.visible_to(here).filter(pk=pk).select_related("user", "content_object__listing")
    found = listings.first() or places.first()
    if found is None:
        raise Http404
    return found


def listing_of(grant: Any) -> UUID:
    """The listing that the grant is about."""
    row = grant.content_object
    pk: UUID = row.listing_id if isinstance(row, SafePlace) else row.pk
    return pk


def with_address(email: str) -> User:
    """The person with exactly this address who can be given something. Raises ValidationError, in the same words
    whether the address is unknown or its owner's role keeps them from concealed things."""
    person: User | None = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if person is None or not standing.of(person).agreed.holds(*MAY_NEED_TO_KNOW):
        raise ValidationError(NOBODY)
    return person


def on(listing: Listing, reader: Any) -> list[Given]:
    """The grants on a listing and its safe place, as far as this reader may see, live ones first. Two queries."""
    here = standing.of(reader)
    return _shown(here, Q(content_object=listing), Q(content_object__listing=listing))


def held_by(reader: Any) -> list[Given]:
    """What this person has been given and may still see."""
    here = standing.of(reader)
    mine = Q(user=here.person)
    return [given for given in _shown(here, mine, mine) if given.is_live]


def run_by(reader: Any, listings: Any) -> list[Given]:
    """The live grants on these listings that this reader, who may not see the listings, may end."""
    here = standing.of(reader)
    found = _shown(here, Q(content_object__in=listings), Q(content_object__listing__in=listings))
    return [given for given in found if given.is_live]


def _sees_anyway(here: Standing, listing: Listing) -> bool:
    """Whether somebody sees the listing by their roles: a grant they hold already may be given anew."""
    if listing.is_concealed:
        return listing.agency_id in here.agencies(*STAFF)
    return Listing.objects.visible_to(here).filter(pk=listing.pk).exists()


def _shown(here: Standing, on_listing: Q, on_place: Q) -> list[Given]:
    now = timezone.now()
    of_listings = ListingGrant.objects.visible_to(here).filter(on_listing)
    of_places = SafePlaceGrant.objects.visible_to(here).filter(on_place)
    found = [
        *((row, "The listing") for row in of_listings.select_related("user", "given_by", "content_object__agency")),
        *(
            (row, "The safe place")
            for row in of_places.select_related("user", "given_by", "content_object__listing__agency")
        ),
    ]
    shown = [Given(row, row.until_at > now, what) for row, what in found]
    return sorted(shown, key=lambda given: (not given.is_live, -given.grant.given_at.timestamp()))
