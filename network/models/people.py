"""Who speaks for whom: appointments, how people come to have one, and how they pass it on."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Now

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
    # When somebody last looked at the list of who has access, and said that it is right.
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

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
            models.CheckConstraint(
                condition=Q(covers=None) | (Q(until_at__isnull=False, agency__isnull=False) & ~Q(covers=F("person"))),
                name="cover_is_by_another_and_has_an_end",
            ),
        ]
        indexes = [models.Index(fields=["person", "role"], name="appointment_by_person")]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.agency or self.network or 'the platform'}"

    @property
    def place(self) -> Agency | Network | None:
        """What it is an appointment in; None for the whole platform."""
        return self.agency or self.network


def _one_scope() -> Q:
    return Q(agency__isnull=False, network=None) | Q(agency=None, network__isnull=False)


_OPEN = Q(accepted_at=None, ended_at=None)


class Invitations(VisibleQuerySet["Invitation"]):
    """Invitations, and which of them can still be accepted."""

    def open(self) -> Self:
        """Those neither accepted, cancelled nor expired, by the database's clock."""
        return self.filter(accepted_at=None, ended_at=None, expires_at__gt=Now())

    def awaiting_yes(self) -> Self:
        """Those that wait for a second person's yes."""
        return self.open().filter(network__isnull=False, approved_at=None)

    def with_letter(self) -> Self:
        """Each with what became of its latest letter (`letter_sent_at`, `letter_due_at`, `letter_problem`), and whether
        it has expired (`is_over`)."""
        latest = Letter.objects.filter(invitation=OuterRef("pk")).order_by("-pk")
        return self.annotate(
            letter_sent_at=Subquery(latest.values("sent_at")[:1]),
            letter_due_at=Subquery(latest.values("due_at")[:1]),
            letter_problem=Coalesce(Subquery(latest.values("problem")[:1]), Value("")),
            is_over=ExpressionWrapper(Q(expires_at__lte=Now()), output_field=models.BooleanField()),
        )


class Invitation(models.Model):
    """A letter that lets one address take up one role, once, before it expires. The secret in its link is made when the
    letter is handed over and stored only as a digest: a new letter ends the link in the one before.

    A role in a network needs a second person's yes before the letter leaves.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField("work email address")
    name = models.CharField("full name", max_length=120)
    role = models.CharField(max_length=12, choices=Appointment.Role)
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True, related_name="invitations")
    network = models.ForeignKey(Network, models.CASCADE, null=True, blank=True, related_name="invitations")
    digest = models.CharField(max_length=64, unique=True, null=True, editable=False)  # noqa: DJ001  none yet
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    invited_at = models.DateTimeField(db_default=Now(), editable=False)
    approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField("cancelled", null=True, blank=True)

    objects: ClassVar[Invitations] = Invitations.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=_one_scope(), name="invitation_is_to_one_place"),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("invited_by")), name="invitation_second_yes_is_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} of {self.agency or self.network}"

    @property
    def place(self) -> Agency | Network:
        """What the role is in."""
        place = self.agency or self.network
        assert place is not None  # noqa: S101  the database says so
        return place

    @property
    def needs_yes(self) -> bool:
        """Whether a second person has yet to agree."""
        return self.network_id is not None and self.approved_at is None


class Handovers(VisibleQuerySet["Handover"]):
    """Handovers, and which of them wait."""

    def open(self) -> Self:
        """Those neither accepted, declined nor taken back."""
        return self.filter(accepted_at=None, ended_at=None)


class Handover(models.Model):
    """What somebody leaves to somebody else, who must accept before anything moves.

    `roles` are those that the person who asked might give when they asked; they are asked for again on acceptance.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    leaver = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="handovers_from")
    successor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="handovers_to")
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, blank=True, related_name="handovers")
    network = models.ForeignKey(Network, models.CASCADE, null=True, blank=True, related_name="handovers")
    roles = models.JSONField(default=list, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    accepted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField("declined or taken back", null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    end_reason = models.TextField("why it came to nothing", blank=True)

    objects: ClassVar[Handovers] = Handovers.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=_one_scope(), name="handover_is_of_one_place"),
            models.CheckConstraint(condition=~Q(leaver=F("successor")), name="handover_is_to_somebody_else"),
            models.UniqueConstraint(
                fields=["leaver", "agency"], condition=_OPEN, name="one_open_handover_a_leaver_and_agency"
            ),
            models.UniqueConstraint(
                fields=["leaver", "network"], condition=_OPEN, name="one_open_handover_a_leaver_and_network"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.leaver} to {self.successor}"

    @property
    def place(self) -> Agency | Network:
        """What is left."""
        place = self.agency or self.network
        assert place is not None  # noqa: S101  the database says so
        return place


class Letter(models.Model):
    """One email about an invitation, a handover or an agency that needs a lead, owed until it has been handed over.

    The row is the queue: bells only say that there is something in it. Nothing of the letter's text is kept.
    """

    class Kind(models.TextChoices):
        INVITATION = "invitation", "The invitation itself"
        ASK_YES = "ask_yes", "An invitation waits for your yes"
        HANDOVER = "handover", "A handover waits for your yes"
        DECLINED = "declined", "A handover came back"
        NO_LEAD = "no_lead", "An agency has lost its last lead"
        JOINING = "joining", "Your agency has yet to finish joining"

    kind = models.CharField(max_length=10, choices=Kind)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="+")
    invitation = models.ForeignKey(Invitation, models.CASCADE, null=True, related_name="letters")
    handover = models.ForeignKey(Handover, models.CASCADE, null=True, related_name="letters")
    agency = models.ForeignKey(Agency, models.CASCADE, null=True, related_name="+")
    due_at = models.DateTimeField(null=True, db_default=Now())  # none: sent, given up or no longer wanted
    lease_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    problem = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="letter_owed")]

    def __str__(self) -> str:
        return f"letter {self.pk}"
