"""Who speaks for whom: appointments, how people come to have one, and how they pass it on."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.ids import uuid7
from audit.visible import VisibleQuerySet
from network.models.places import Agency, Dated, Membership, Network


class Appointments(Dated["Appointment"]):
    """Appointments, and which of them count."""

    def live(self) -> Self:
        """Those that give rights now: in date, the person active, the agency a live member of a live network."""
        return (
            super()
            .live()
            .filter(
                Q(agency__in=Membership.objects.live().values("agency"))
                | Q(network__in=Network.objects.live().values("pk"))
                | Q(role__in=Appointment.PLATFORM_ROLES),
                person__is_active=True,
            )
        )


class Appointment(models.Model):
    """A person's dated role in an agency, in a network, or in the whole platform. All rights come from here."""

    class Role(models.TextChoices):
        MEMBER = "member", "Member"
        LEAD = "lead", "Lead"
        DEPUTY = "deputy", "Deputy lead"
        CHARTER = "charter", "Charter officer"
        COORDINATOR = "coordinator", "Coordinator"
        APPROVER = "approver", "Approver"
        REPORTS = "reports", "Report reader"
        AUDITOR = "auditor", "Auditor"
        NATIONAL = "national", "National coordinator"
        OPERATOR = "operator", "Operator"

    LEAD_ROLES = (Role.LEAD, Role.DEPUTY)
    AGENCY_ROLES = (Role.MEMBER, Role.LEAD, Role.DEPUTY, Role.CHARTER)
    NETWORK_ROLES = (Role.COORDINATOR, Role.APPROVER, Role.REPORTS, Role.AUDITOR)
    PLATFORM_ROLES = (Role.NATIONAL, Role.OPERATOR)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=12, choices=Role)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="appointments")
    network = models.ForeignKey(Network, models.PROTECT, null=True, blank=True, related_name="appointments")
    from_at = models.DateTimeField(db_default=Now())
    until_at = models.DateTimeField(null=True, blank=True)
    # Who stands in for somebody away has an appointment of their own, with dates.
    covers = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    appointed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[Appointments] = Appointments.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(role__in=["member", "lead", "deputy", "charter"], agency__isnull=False, network=None)
                    | Q(role__in=["coordinator", "approver", "reports", "auditor"], agency=None, network__isnull=False)
                    | Q(role__in=["national", "operator"], agency=None, network=None)
                ),
                name="appointment_role_fits_its_scope",
            ),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("from_at")), name="appointment_ends_after_it_begins"
            ),
        ]
        indexes = [models.Index(fields=["person", "role"], name="appointment_by_person")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.agency or self.network or 'the platform'}"


def _one_scope() -> Q:
    return Q(agency__isnull=False, network=None) | Q(agency=None, network__isnull=False)


class Invitation(models.Model):
    """A letter that lets one address take up one role, once, before it expires. Stored only as a digest.

    A role in a network needs a second person's yes before the letter leaves.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField("work e-mail address")
    name = models.CharField("full name", max_length=120)
    role = models.CharField(max_length=12, choices=Appointment.Role)
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True, related_name="invitations")
    network = models.ForeignKey(Network, models.CASCADE, null=True, blank=True, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(db_default=Now(), editable=False)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[VisibleQuerySet[Invitation]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.CheckConstraint(condition=_one_scope(), name="invitation_is_to_one_place")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.agency or self.network}"


class Handover(models.Model):
    """What somebody leaves to somebody else, who must accept before anything moves."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    leaver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="handovers_from")
    successor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="handovers_to")
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True, related_name="handovers")
    network = models.ForeignKey(Network, models.CASCADE, null=True, blank=True, related_name="handovers")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField("declined or taken back", null=True, blank=True)

    objects: ClassVar[VisibleQuerySet[Handover]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_one_scope(), name="handover_is_of_one_place"),
            models.CheckConstraint(condition=~Q(leaver=F("successor")), name="handover_is_to_somebody_else"),
        ]

    def __str__(self) -> str:
        return f"{self.leaver} to {self.successor}"
