"""Need-to-know grants: one row to one person, for a reason, until a moment.

`network.grants` gives, ends and reads them. A person may be given the same row again after an end, so there may be many
for one pair. A grant goes with its row: another row that comes later inherits nothing.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from guardian.managers import UserObjectPermissionManager
from guardian.models import UserObjectPermissionBase

from accounts.ids import uuid7
from audit.visible import VisibleQuerySet
from directory import rules
from directory.models.listings import Listing
from directory.models.protected import SafePlace

GrantManager = UserObjectPermissionManager.from_queryset(VisibleQuerySet)


class Grant(UserObjectPermissionBase):
    """What the two kinds of grant have in common."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    reason = models.TextField()
    until_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"Grant until {self.until_at:%Y-%m-%d %H:%M}"


class ListingGrant(Grant):
    """One concealed listing to one person: that it exists, and what it says."""

    content_object = models.ForeignKey(Listing, models.CASCADE, related_name="grants")

    objects: ClassVar = GrantManager()
    seen_by = staticmethod(rules.listing_grants)

    class Meta:
        indexes = [models.Index(fields=["user", "until_at"], name="listing_grant_by_person")]


class SafePlaceGrant(Grant):
    """One safe place to one person. It does not open the listing: that takes a grant or a share of its own."""

    content_object = models.ForeignKey(SafePlace, models.CASCADE, related_name="grants")

    objects: ClassVar = GrantManager()
    seen_by = staticmethod(rules.safe_place_grants)

    class Meta:
        indexes = [models.Index(fields=["user", "until_at"], name="safe_place_grant_by_person")]
