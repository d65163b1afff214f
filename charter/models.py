"""The pledge and each council's record of it: what it decided, how far it is, and what shows it."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now, TruncDate

from accounts.ids import uuid7
from audit.visible import VisibleQuerySet
from charter import visibility
from network import standing
from network.models import Agency, Area
from network.visibility import Role

https_only = URLValidator(schemes=["https"], message="Enter a web address that starts with https://")


class Frameworks(VisibleQuerySet["Framework"]):
    """Frameworks, and which of them councils decide about now."""

    def current(self) -> Framework | None:
        """The latest that has begun; None before the reference tables are loaded."""
        return self.filter(starts_on__lte=TruncDate(Now())).order_by("-starts_on", "-version").first()


class Framework(models.Model):
    """A published set of commitments, by version: a later text is another row, and old records stay with theirs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=120)
    version = models.CharField(max_length=20)
    starts_on = models.DateField()
    source = models.CharField(max_length=300)

    objects: ClassVar[Frameworks] = Frameworks.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-starts_on"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="one_framework_a_name_and_version")]

    def __str__(self) -> str:
        return self.name

    seen_by = staticmethod(visibility.everybody)


class Commitment(models.Model):
    """One promise of a framework, in our own words."""

    framework = models.ForeignKey(Framework, models.PROTECT, related_name="commitments")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=120)
    summary = models.TextField()
    evidence_hint = models.TextField(blank=True)
    measure = models.CharField(max_length=200, blank=True)

    objects: ClassVar[VisibleQuerySet[Commitment]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["framework", "number"]
        constraints = [
            models.UniqueConstraint(fields=["framework", "number"], name="one_commitment_a_framework_and_number")
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}"

    seen_by = staticmethod(visibility.everybody)


class Councils(VisibleQuerySet["Council"]):
    """Councils, and which of them exist today."""

    def live(self) -> Self:
        """Those that have begun and not ended, by the database's clock and the calendar of the United Kingdom."""
        today = TruncDate(Now())
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=today), Q(starts_on=None) | Q(starts_on__lte=today))

    def narrowed(self, *, former: bool = False, text: str = "", nation: str = "", region: str = "", **_: str) -> Self:
        """Those asked for: live ones unless `former` too; by part of a name or a whole code; by place. Empty: any."""
        found = self if former else self.live()
        if text:
            names = Q(name__icontains=text) | Q(short_name__icontains=text)
            found = found.filter(names | Q(code__iexact=text) | Q(gss__iexact=text))
        return found.filter(**{key: value for key, value in (("nation", nation), ("region", region)) if value})

    def kept_by(self, reader: Any) -> Self:
        """Those of which the reader is charter officer."""
        return self.filter(agency__in=standing.of(reader).agencies(Role.CHARTER))


class Council(models.Model):
    """A principal council, past or present. `code` is the stable key: a GSS code names an area, and areas are recoded.

    `agency` is its place among the partner agencies, if it has one; its charter officers are appointed there.
    `hex_q` and `hex_r` are its cell on the tile map (odd-r offset); county councils have none.
    """

    class Kind(models.TextChoices):
        UNITARY = "UA", "Unitary authority"
        DISTRICT = "NMD", "Non-metropolitan district"
        METROPOLITAN = "MD", "Metropolitan district"
        LONDON = "LBO", "London borough"
        CITY = "CC", "City corporation"
        COUNTY = "CTY", "County council"
        WALES = "WPA", "Welsh unitary authority"
        SCOTLAND = "SCO", "Scottish unitary authority"
        NORTHERN_IRELAND = "NID", "Northern Ireland district"

    class Tier(models.TextChoices):
        LOWER = "lower", "Lower tier or unitary"
        UPPER = "upper", "Upper tier"

    class Nation(models.TextChoices):
        ENGLAND = "England", "England"
        SCOTLAND = "Scotland", "Scotland"
        WALES = "Wales", "Wales"
        NORTHERN_IRELAND = "Northern Ireland", "Northern Ireland"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=10, unique=True)
    gss = models.CharField("GSS code", max_length=9, blank=True)
    former_codes = models.CharField("other GSS codes it has had", max_length=120, blank=True)
    name = models.CharField(max_length=120)
    short_name = models.CharField(max_length=80)
    kind = models.CharField(max_length=4, choices=Kind)
    tier = models.CharField(max_length=5, choices=Tier)
    nation = models.CharField(max_length=20, choices=Nation)
    region = models.CharField(max_length=40)
    police_area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="+")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    successors = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="predecessors")
    hex_q = models.SmallIntegerField(null=True, blank=True)
    hex_r = models.SmallIntegerField(null=True, blank=True)
    agency = models.OneToOneField(Agency, models.PROTECT, null=True, blank=True, related_name="council")
    source = models.CharField(max_length=200)
    source_on = models.DateField()

    objects: ClassVar[Councils] = Councils.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["short_name", "code"]
        constraints = [
            models.UniqueConstraint(
                fields=["hex_q", "hex_r"], condition=Q(ends_on=None), name="one_council_a_cell_of_the_tile_map"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """Councils are known in the trail by name."""
        return self.name

    seen_by = staticmethod(visibility.everybody)


class Adoption(models.Model):
    """What a council decided about a framework. Kinds differ in what was promised, and are never added together.

    A row is never edited. A later decision ends it as `followed`, a mistake as `corrected`; the next row says what is
    true now."""

    class Kind(models.TextChoices):
        THIS = "this", "Adopted this charter"
        OWN = "own", "Adopted its own charter"
        INSPIRED = "inspired", "Passed a motion inspired by the charter"
        REFERRED = "referred", "Referred for a further decision"

    class End(models.TextChoices):
        FOLLOWED = "followed", "Followed by a later decision"
        CORRECTED = "corrected", "Recorded by mistake"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    council = models.ForeignKey(Council, models.PROTECT, related_name="adoptions")
    framework = models.ForeignKey(Framework, models.PROTECT, related_name="adoptions")
    kind = models.CharField(max_length=8, choices=Kind)
    decided_on = models.DateField()
    meeting = models.CharField(max_length=200, blank=True)
    minutes_url = models.URLField("minutes", max_length=500, blank=True, validators=[https_only])
    reservations = models.TextField(blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    end = models.CharField(max_length=9, choices=End, blank=True)

    objects: ClassVar[VisibleQuerySet[Adoption]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-decided_on", "-recorded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["council", "framework"], condition=Q(ended_at=None), name="one_current_adoption_a_council"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, end="") | (Q(ended_at__isnull=False) & ~Q(end="")),
                name="adoption_says_how_it_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    seen_by = staticmethod(visibility.adoptions)


class Progress(models.Model):
    """How far a council is with one commitment: the stage and the day it was last looked at. Notes are another row."""

    class Stage(models.TextChoices):
        NOT_STARTED = "not_started", "Not started"
        STARTED = "started", "Started"
        IN_PLACE = "in_place", "In place"
        REVIEWED = "reviewed", "In place and reviewed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    council = models.ForeignKey(Council, models.PROTECT, related_name="progress")
    commitment = models.ForeignKey(Commitment, models.PROTECT, related_name="progress")
    stage = models.CharField(max_length=11, choices=Stage, default=Stage.NOT_STARTED)
    reviewed_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[VisibleQuerySet[Progress]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "progress"
        constraints = [
            models.UniqueConstraint(fields=["council", "commitment"], name="one_progress_a_council_and_commitment")
        ]

    def __str__(self) -> str:
        return self.get_stage_display()

    seen_by = staticmethod(visibility.progress)


class Note(models.Model):
    """The charter officer's working note on one commitment: more private than the stage, so a row of its own."""

    progress = models.OneToOneField(Progress, models.PROTECT, related_name="note")
    text = models.TextField()

    objects: ClassVar[VisibleQuerySet[Note]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"note {self.pk}"

    seen_by = staticmethod(visibility.notes)


class Evidence(models.Model):
    """A link that shows what was done for one commitment. Private until it is published; kept when taken away."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    progress = models.ForeignKey(Progress, models.PROTECT, related_name="evidence")
    title = models.CharField(max_length=150)
    url = models.URLField("web address", max_length=500, validators=[https_only])
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[VisibleQuerySet[Evidence]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["added_at", "id"]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.title

    seen_by = staticmethod(visibility.evidence)
