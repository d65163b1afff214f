"""Opening a listing to more people: to one more agency or network, or to everyone of a looser access."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.ids import uuid7
from audit.visible import Row, VisibleQuerySet
from directory import rules
from directory.access import Access
from directory.models.asked import Asked, TwoPeople
from directory.models.listings import Contact, Listing
from network.models import Agency, Membership, Network


class Shares(VisibleQuerySet[Row]):
    """Shares, and which of them count."""

    def unended(self) -> Self:
        """Those that nobody has ended, offered or accepted, whether they count now or not. By the database's clock."""
        return self.filter(Q(until_at=None) | Q(until_at__gt=Now()))

    def open(self) -> Self:
        """Those of them whose listing is still restricted, and its agency still a live member of a network."""
        return self.unended().filter(
            listing__access=Access.RESTRICTED.value,
            listing__agency__in=Membership.objects.live().values("agency"),
        )

    def live(self) -> Self:
        """Those of the open ones that both sides agreed to."""
        return self.open().filter(accepted_at__lte=Now())

    def offered(self) -> Self:
        """Those of the open ones that wait for an answer."""
        return self.open().filter(accepted_at=None)


class Share(models.Model):
    """A restricted listing opened to one more agency, or to one more network, once both sides have said yes. It never
    opens a concealed one, and never gives the right to change, to export or to share further."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="shares")
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True, related_name="shared_with_it")
    network = models.ForeignKey(Network, models.CASCADE, null=True, blank=True, related_name="shared_with_it")
    until_at = models.DateTimeField(null=True, blank=True)
    given_at = models.DateTimeField(db_default=Now(), editable=False)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[Shares[Share]] = Shares.as_manager()  # type: ignore[assignment]
    seen_by = staticmethod(rules.shares)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(agency__isnull=False, network=None) | Q(agency=None, network__isnull=False),
                name="share_is_with_an_agency_or_a_network",
            ),
        ]

    def __str__(self) -> str:
        return f"Shared with {self.agency or self.network}"

    @property
    def place(self) -> Agency | Network | None:
        """With whom: an agency or a network."""
        return self.agency or self.network


class Loosening(TwoPeople):
    """A lead asks that more people may see a listing, or one of its contacts. A second person allows it.

    `state` is a fingerprint of the listing as it was at asking: what has changed since was not what they were asked.
    """

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="loosenings")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, blank=True, related_name="loosenings")
    before = models.CharField(max_length=10, choices=Access)
    after = models.CharField(max_length=10, choices=Access)
    state = models.CharField(max_length=64)

    objects: ClassVar[Asked[Loosening]] = Asked.as_manager()  # type: ignore[assignment]
    seen_by = staticmethod(rules.loosenings)

    class Meta(TwoPeople.Meta):
        ordering = ["-asked_at", "-id"]
        constraints = [
            *TwoPeople.Meta.constraints,
            models.CheckConstraint(
                condition=Q(before__in=Access.values, after__in=Access.values), name="loosening_access_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_before_display()} to {self.get_after_display()}"
