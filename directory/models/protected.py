"""What is more private than the listing it hangs on: each in a table of its own, with a rule of its own."""

from __future__ import annotations

import re
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from accounts.ids import uuid7
from audit.visible import VisibleQuerySet
from directory import rules
from directory.access import Access
from directory.models.asked import Asked, TwoPeople
from directory.models.listings import Contact, Listing

NOT_DIGITS = re.compile(r"[^0-9]")


class Cover(models.Model):
    """What a concealed listing is called by those who may know only that there is one: coordinators by its cover name,
    auditors by its reference."""

    listing = models.OneToOneField(Listing, models.CASCADE, primary_key=True, related_name="cover")
    reference = models.CharField(max_length=12, unique=True, editable=False)
    name = models.CharField("cover name", max_length=60)

    objects: ClassVar[VisibleQuerySet[Cover]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]
    seen_by = staticmethod(rules.covers)

    class Meta:
        ordering = ["reference"]

    def __str__(self) -> str:
        return self.reference


class SafePlace(models.Model):
    """Where people are kept safe: address, position and how to get in, sealed with a key that is not in the database.

    `directory.safe_places` opens it, for `directory.actions.reveal_safe_place` and nobody else. A listing has one at
    most, so that there is nothing to list or to count.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    listing = models.OneToOneField(Listing, models.CASCADE, related_name="safe_place")
    sealed = models.TextField(editable=False)
    changed_at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[VisibleQuerySet[SafePlace]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]
    seen_by = staticmethod(rules.safe_places)
    is_concealed = True  # for the trail: coordinators read nothing of it, whatever its listing's access is

    def __str__(self) -> str:
        return "Safe place"

    @property
    def agency_id(self) -> UUID:
        """The agency of the listing, which has to be fetched with it."""
        return self.listing.agency_id


class SafePlaceChange(TwoPeople):
    """A lead asks that a listing's safe place be kept, changed or, with nothing sealed, removed; another lead of the
    agency allows it. What was there before stays here, sealed."""

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="safe_place_changes")
    sealed = models.TextField(blank=True, editable=False)

    objects: ClassVar[Asked[SafePlaceChange]] = Asked.as_manager()  # type: ignore[assignment]
    seen_by = staticmethod(rules.safe_place_changes)
    is_concealed = True

    class Meta(TwoPeople.Meta):
        ordering = ["-asked_at", "-id"]

    def __str__(self) -> str:
        return "Change of a safe place"

    @property
    def agency_id(self) -> UUID:
        """The agency of the listing, which has to be fetched with it."""
        return self.listing.agency_id

    @property
    def is_removal(self) -> bool:
        """Whether the safe place is to go."""
        return not self.sealed


class Mobile(models.Model):
    """A contact's mobile number: masked until somebody asks for this one."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    contact = models.OneToOneField(Contact, models.CASCADE, related_name="mobile")
    number = models.CharField(max_length=20)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="mobiles")
    on_call = models.BooleanField("network members may ask for it", default=False)

    objects: ClassVar[VisibleQuerySet[Mobile]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]
    seen_by = staticmethod(rules.mobiles)

    def __str__(self) -> str:
        return "Mobile number"

    @property
    def masked(self) -> str:
        """The number without its last three digits: `07700 900 •••`."""
        digits = NOT_DIGITS.sub("", self.number)
        return f"{digits[:5]} {digits[5:-3]} •••"

    @property
    def agency_id(self) -> UUID:
        """The agency of the listing, which has to be fetched with it."""
        return self.contact.listing.agency_id

    @property
    def is_concealed(self) -> bool:
        """Whether the trail keeps it from those who may not know its listing or its contact."""
        return self.contact.listing.is_concealed or self.contact.access == Access.CONCEALED
