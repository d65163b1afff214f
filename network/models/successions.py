"""Plans by which agencies end and others take over from them: merged, split, or closed with a successor."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.ids import uuid7
from audit.visible import VisibleQuerySet
from network.models.places import Agency, Network

GOOD_FOR = dt.timedelta(days=30)  # an agreement to a plan is about things as they were then


class Successions(VisibleQuerySet["Succession"]):
    """Plans, and which of them can still be carried out."""

    def open(self) -> Self:
        """Those neither carried out nor dropped, and not too old."""
        return self.filter(carried_out_at=None, dropped_at=None, prepared_at__gt=Now() - GOOD_FOR)


class Succession(models.Model):
    """A plan: some agencies end and others take over. A coordinator prepares it and carries it out once each agency
    in it has agreed, because people come to see what they could not see before."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    network = models.ForeignKey(Network, models.PROTECT, related_name="successions")
    prepared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField(db_default=Now(), editable=False)
    carried_out_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    carried_out_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    dropped_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    drop_reason = models.TextField("why it was dropped", blank=True)

    objects: ClassVar[Successions] = Successions.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-prepared_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(carried_out_at=None) | Q(dropped_at=None), name="succession_is_carried_out_or_dropped"
            )
        ]

    def __str__(self) -> str:
        return f"Succession in {self.network}"


class Party(models.Model):
    """One agency of a plan: it ends, or takes over. A new one has a name until the plan is carried out.

    `moves` is what an ending agency chose: {"people": {appointment: party}, "things": {listing: party}}. A person
    without a party does not come along; a thing without one goes to the plan's first successor.
    """

    class Side(models.TextChoices):
        ENDS = "ends", "Ends"
        FOLLOWS = "follows", "Takes over"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    succession = models.ForeignKey(Succession, models.CASCADE, related_name="parties")
    side = models.CharField(max_length=7, choices=Side)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="parties")
    name = models.CharField(max_length=160, blank=True)
    moves = models.JSONField(default=dict, blank=True)
    agreed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[VisibleQuerySet[Party]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "parties"
        constraints = [
            models.UniqueConstraint(fields=["succession", "agency"], name="one_party_a_succession_and_agency"),
            models.CheckConstraint(
                condition=Q(agency__isnull=False) | (Q(side="follows") & ~Q(name="")), name="party_is_known_or_named"
            ),
        ]

    def __str__(self) -> str:
        return str(self.agency or self.name)

    @property
    def is_settled(self) -> bool:
        """Whether it has agreed. An agency that does not exist yet has nobody to ask."""
        return self.agency_id is None or self.agreed_at is not None
