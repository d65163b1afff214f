"""Networks, the places they cover, the agencies in them, and the agreements they signed."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from accounts.ids import uuid7
from audit.visible import Row, VisibleQuerySet
from network.dates import going_on, in_force, member


class Dated(VisibleQuerySet[Row]):
    """Rows that hold between two moments, by the database's clock, not by a job that tidies up."""

    def live(self) -> Self:
        """Rows in force now: `from <= now < until`."""
        return self.filter(in_force())


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


class Agreements(VisibleQuerySet["Agreement"]):
    """Agreements, and which of them bind."""

    def live(self) -> Self:
        """Those in force now, by the database's clock."""
        return self.filter(in_force())


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
    former_names = models.CharField(max_length=1000, blank=True, help_text="Other names people look for")
    kind = models.CharField(max_length=14, choices=Kind)
    description = models.TextField(blank=True)
    website = models.URLField(blank=True)
    email_domains = models.CharField(
        max_length=400, blank=True, help_text="Separated by spaces. They suggest the agency for an address, no more."
    )
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
    assured_on = models.DateField("details last confirmed right on", null=True, blank=True)

    objects: ClassVar[VisibleQuerySet[Agency]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "agencies"
        # Not unique: two networks may each have a Women's Refuge, and neither may learn of the other's by its name
        # being taken. Within one network `network.actions.agencies` sees to it.
        indexes = [models.Index(Lower("name"), name="agency_by_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """Agencies are known in the trail by name."""
        return self.name


class Membership(models.Model):
    """An agency's place in a network, with dates. A suspended agency is not a live member, nor is one that is still
    joining: it has no beginning yet. One that is let back in has a second row, so that the dates tell it all."""

    network = models.ForeignKey(Network, models.PROTECT, related_name="memberships")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="memberships")
    from_at = models.DateTimeField(null=True, db_default=Now())
    until_at = models.DateTimeField(null=True, blank=True)
    suspended_at = models.DateTimeField(null=True, blank=True)
    reminded_at = models.DateTimeField("last reminded", null=True, blank=True)

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

    @property
    def audit_name(self) -> str:
        """Memberships are known in the trail by their agency's name."""
        return self.agency.name


class Suspension(models.Model):
    """Why an agency was suspended. A row of its own, because only who coordinates the network may read it."""

    membership = models.OneToOneField(Membership, models.CASCADE, related_name="suspension")
    reason = models.TextField()
    suspended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects: ClassVar[VisibleQuerySet[Suspension]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"Suspension of {self.membership}"


class Agreement(models.Model):
    """A version of a network's information-sharing agreement, in force between two moments.

    A signature lasts as long as the version it is on. Publishing the next version sets an end to the one before, so
    that agencies have time to sign.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    network = models.ForeignKey(Network, models.PROTECT, related_name="agreements")
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=160)
    text = models.TextField()
    from_at = models.DateTimeField(db_default=Now())
    until_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[Agreements] = Agreements.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["network", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["network", "version"], name="one_agreement_a_network_and_version"),
            models.CheckConstraint(
                condition=Q(until_at=None) | Q(until_at__gte=F("from_at")), name="agreement_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    @property
    def audit_name(self) -> str:
        """Agreements are known in the trail by title and version."""
        return str(self)


class Signature(models.Model):
    """That an agency signed an agreement: who pressed the button for it, in what position, and when."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agreement = models.ForeignKey(Agreement, models.PROTECT, related_name="signatures")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="signatures")
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signed_as = models.CharField("name as signed", max_length=120, blank=True)
    position = models.CharField(max_length=120, blank=True)
    signed_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[VisibleQuerySet[Signature]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agreement", "agency"], name="one_signature_an_agency_and_agreement")
        ]

    def __str__(self) -> str:
        return f"{self.agency}: {self.agreement}"

    @property
    def audit_name(self) -> str:
        """Signatures are known in the trail by what was signed."""
        return str(self.agreement)

    @property
    def network_id(self) -> UUID:
        """The network in which it counts."""
        return self.agreement.network_id
