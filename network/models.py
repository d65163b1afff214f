"""Networks, the places they cover, the agencies in them, and who speaks for each."""

from __future__ import annotations

import hashlib
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower, Now

from accounts.ids import uuid7
from audit.visible import Row, VisibleQuerySet
from network.dates import going_on, in_force, member


class Dated(models.QuerySet[Row]):
    """Rows that hold between two moments, by the database's clock, not by a job that tidies up."""

    def live(self) -> Self:
        """Rows in force now: `from <= now < until`."""
        return self.filter(in_force())


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


class Memberships(Dated["Membership"]):
    """Memberships, and which of them count."""

    def live(self) -> Self:
        """Those in date and not suspended, of networks that have not ended."""
        return self.filter(member())


class Networks(VisibleQuerySet["Network"]):
    """Networks, and which of them count."""

    def live(self) -> Self:
        """Those that have not ended."""
        return self.filter(going_on())


class Area(models.Model):
    """A place with a name, mostly a GSS code, and dates. Places overlap: a police area is not inside one region."""

    class Kind(models.TextChoices):
        NATION = "nation", "Nation"
        REGION = "region", "Region"
        POLICE = "police", "Police force area"
        COUNTY = "county", "County"
        COUNCIL = "council", "Council area"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=120)
    gss = models.CharField("GSS code", max_length=9, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    within = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="contains")
    source = models.CharField(max_length=200)
    source_on = models.DateField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "name"], name="one_area_a_kind_and_name"),
            models.UniqueConstraint(fields=["kind", "gss"], condition=~Q(gss=""), name="one_area_a_kind_and_code"),
        ]

    def __str__(self) -> str:
        return self.name


class Network(models.Model):
    """A regional anti-slavery partnership."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120, unique=True)
    prefix = models.CharField("prefix of references", max_length=4, unique=True)
    areas = models.ManyToManyField(Area, blank=True, related_name="networks")
    solo_release_limit = models.PositiveIntegerField("most people one coordinator may alert alone", default=200)
    starts_on = models.DateField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Networks] = Networks.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(solo_release_limit__lte=200), name="solo_release_is_never_looser_than_200"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """Networks are known in the trail by name."""
        return self.name


class Agency(models.Model):
    """A partner organisation, with a beginning, perhaps an end, and then successors."""

    class Kind(models.TextChoices):
        POLICE = "police", "Police"
        COUNCIL = "council", "Council"
        HEALTH = "health", "Health"
        CHARITY = "charity", "Charity or voluntary group"
        FIRE = "fire", "Fire and rescue"
        PROBATION = "probation", "Probation"
        HOUSING = "housing", "Housing"
        EDUCATION = "education", "Education"
        FAITH = "faith", "Faith group"
        CENTRAL = "central", "Central government body"
        BUSINESS = "business", "Business or union"
        COMMISSIONER = "commissioner", "Police and crime commissioner or funder"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=160)
    former_names = models.CharField(max_length=400, blank=True, help_text="Other names people look for")
    kind = models.CharField(max_length=14, choices=Kind)
    description = models.TextField(blank=True)
    website = models.URLField(blank=True)
    public_phone = models.CharField(max_length=40, blank=True)
    team_email = models.EmailField("team mailbox", blank=True)
    office_phone = models.CharField(max_length=40, blank=True)
    first_responder_from = models.DateField("designated first responder from", null=True, blank=True)
    first_responder_until = models.DateField("designated first responder until", null=True, blank=True)
    areas = models.ManyToManyField(Area, blank=True, related_name="agencies")
    networks = models.ManyToManyField(Network, through="Membership", related_name="agencies")
    successors = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="predecessors")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    objects: ClassVar[VisibleQuerySet[Agency]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "agencies"
        constraints = [models.UniqueConstraint(Lower("name"), name="one_agency_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """Agencies are known in the trail by name."""
        return self.name


class Membership(models.Model):
    """An agency's place in a network, with dates. A suspended agency is not a live member."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="memberships")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="memberships")
    from_at = models.DateTimeField(db_default=Now())
    until_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Memberships] = Memberships.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["network", "agency"],
                condition=Q(until_at=None),
                name="one_open_membership_an_agency_and_network",
            ),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("from_at")), name="membership_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency} in {self.network}"


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

    objects: ClassVar[ApiKeys] = ApiKeys.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = "API key"

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """Keys are known in the trail by the name their owner gave."""
        return self.name

    @staticmethod
    def digest_of(secret: str) -> str:
        """What is stored in place of the secret."""
        return hashlib.sha256(secret.encode()).hexdigest()
