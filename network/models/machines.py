"""Keys for the systems of an agency."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from accounts.ids import uuid7
from audit.visible import VisibleQuerySet
from network.models.people import Appointment
from network.models.places import Agency


class ApiKeys(VisibleQuerySet["ApiKey"]):
    """Keys, and which of them open anything."""

    def live(self) -> Self:
        """Those neither ended nor expired, whose owner still leads the agency and whose agency is a live member."""
        leading = Appointment.objects.live().filter(
            person=OuterRef("owner"), agency=OuterRef("agency"), role__in=Appointment.LEAD_ROLES
        )
        return self.filter(Exists(leading), ended_at=None, expires_at__gt=Now())


class ApiKey(models.Model):
    """A machine's key. It belongs to one agency, never exceeds it, dies with its owner's lead of that agency, and is
    stored only as a digest: 32 random bytes need no salt and no slow hash."""

    class Scope(models.TextChoices):
        DIRECTORY = "directory", "Read the directory"
        CONTACTS = "contacts", "Read named officers and their addresses"
        ALERTS = "alerts", "Read alerts addressed to the agency"

    is_authenticated = is_active = True  # a key that was found is live, and stands for a signed-in reader
    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="api_keys")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="api_keys")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    allowed_from = models.JSONField("networks it may be used from", default=list, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: ClassVar[ApiKeys] = ApiKeys.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """Keys are known in the trail by the name their owner gave."""
        return self.name
