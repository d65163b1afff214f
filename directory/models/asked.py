"""What one person asks for and a second one allows: neither can do it alone."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.ids import uuid7
from audit.visible import Row, VisibleQuerySet

LASTS = dt.timedelta(days=7)
NOT_ALONE = "Somebody else has to allow what you asked for."


class Asked(VisibleQuerySet[Row]):
    """What was asked for, and what still waits."""

    def waiting(self) -> Self:
        """Neither allowed nor ended, and not too old, by the database's clock."""
        return self.filter(confirmed_at=None, ended_at=None, expires_at__gt=Now())


class TwoPeople(models.Model):
    """A wish of one person that counts once a second one has said yes, and lapses after a week."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField("declined or taken back", null=True, blank=True)

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | ~Q(confirmed_by=F("asked_by")), name="%(class)s_takes_two_people"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by=None)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="%(class)s_is_confirmed_by_someone",
            ),
        ]
