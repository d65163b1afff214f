"""What agencies offer: listings, and what hangs on them that is as open as they are or a little stricter."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.ids import uuid7
from audit.visible import VisibleQuerySet
from directory import rules
from directory.access import Access as Access
from network.models import Agency, Area

ASSURED_FOR = dt.timedelta(weeks=13)  # a quarter; Open Referral UK recommends an assured date under three months old


class Term(models.Model):
    """A word to filter by: a kind of help, or the people it is for."""

    class Kind(models.TextChoices):
        HELP = "help", "Kind of help"
        PEOPLE = "people", "Who it is for"

    kind = models.CharField(max_length=6, choices=Kind)
    code = models.SlugField(max_length=40)
    name = models.CharField(max_length=80)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["kind", "order", "name"]
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="one_term_a_kind_and_code")]

    def __str__(self) -> str:
        return self.name


class Listing(models.Model):
    """One service in the directory. Its name is never written to the audit trail."""

    Access = Access

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="listings")
    name = models.CharField(max_length=160)
    summary = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    terms = models.ManyToManyField(Term, blank=True, related_name="listings")
    areas = models.ManyToManyField(Area, blank=True, related_name="listings")
    access = models.CharField(max_length=10, choices=Access, default=Access.NETWORK)
    referral = models.TextField("how to refer", blank=True)
    languages = models.CharField(max_length=200, blank=True)
    not_taking_until = models.DateField("not taking referrals until", null=True, blank=True)
    assured_on = models.DateField("last confirmed right on", null=True, blank=True)
    assured_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(db_default=Now())
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    search_text = models.TextField(blank=True, editable=False)

    objects: ClassVar[VisibleQuerySet[Listing]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]
    seen_by = staticmethod(rules.listings)

    class Meta:
        ordering = ["name", "id"]
        indexes = [models.Index(fields=["name", "id"], name="listing_by_name")]
        constraints = [
            models.CheckConstraint(condition=Q(access__in=Access.values), name="listing_access_is_known"),
            models.CheckConstraint(
                condition=Q(assured_on=None, assured_by=None) | Q(assured_on__isnull=False),
                name="listing_assured_by_someone_on_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_concealed(self) -> bool:
        """Whether its very existence is secret; the trail and its readers go by this."""
        return self.access == Access.CONCEALED

    @property
    def check_due_on(self) -> dt.date | None:
        """The day by which somebody should confirm it again; None when nobody ever has."""
        return self.assured_on + ASSURED_FOR if self.assured_on else None

    @property
    def is_stale(self) -> bool:
        """Whether it was not confirmed right in the last three months."""
        due = self.check_due_on
        return due is None or due < timezone.localdate()

    @property
    def is_taking(self) -> bool:
        """Whether it takes referrals today. On the day named it takes them again."""
        return self.not_taking_until is None or self.not_taking_until <= timezone.localdate()


class Contact(models.Model):
    """A function to reach, by telephone or email. A row that names an officer is personal, and never public."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="contacts")
    function = models.CharField(max_length=80)
    officer = models.CharField("named officer", max_length=120, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    access = models.CharField(max_length=10, choices=Access, default=Access.NETWORK)
    order = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[VisibleQuerySet[Contact]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]
    seen_by = staticmethod(rules.contacts)

    class Meta:
        ordering = ["order", "function", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(access__in=Access.values), name="contact_access_is_known"),
            models.CheckConstraint(
                condition=Q(officer="") | ~Q(access=Access.PUBLIC.value), name="named_officer_is_never_public"
            ),
        ]

    def __str__(self) -> str:
        return self.function


class OpeningHours(models.Model):
    """When a listing is open on one day of the week, by the clock in London. A day may have several."""

    class Weekday(models.IntegerChoices):
        MONDAY = 0, "Monday"
        TUESDAY = 1, "Tuesday"
        WEDNESDAY = 2, "Wednesday"
        THURSDAY = 3, "Thursday"
        FRIDAY = 4, "Friday"
        SATURDAY = 5, "Saturday"
        SUNDAY = 6, "Sunday"

    listing = models.ForeignKey(Listing, models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField(default=dt.time(0))
    closes = models.TimeField(null=True, blank=True, help_text="Empty: until midnight.")

    objects: ClassVar[VisibleQuerySet[OpeningHours]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]
    seen_by = staticmethod(rules.parts)

    class Meta:
        ordering = ["weekday", "opens"]
        verbose_name_plural = "opening hours"
        indexes = [models.Index(fields=["weekday", "opens"], name="hours_by_weekday")]
        constraints = [
            models.CheckConstraint(condition=Q(weekday__lte=6), name="weekday_is_one_of_seven"),
            models.CheckConstraint(condition=Q(closes=None) | Q(closes__gt=F("opens")), name="closes_after_it_opens"),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()}, {self.opens:%H:%M} to {self.closes or 'midnight'}"


class Place(models.Model):
    """Where people may come: an office or a drop-in. Never where people are kept safe: a concealed listing has none."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    listing = models.ForeignKey(Listing, models.CASCADE, related_name="places")
    name = models.CharField(max_length=120, blank=True)
    street = models.CharField("street address", max_length=160)
    town = models.CharField(max_length=80)
    postcode = models.CharField(max_length=8, blank=True)
    note = models.CharField("how to get in", max_length=200, blank=True)

    objects: ClassVar[VisibleQuerySet[Place]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]
    seen_by = staticmethod(rules.places)

    class Meta:
        ordering = ["town", "street", "id"]

    def __str__(self) -> str:
        return ", ".join(part for part in (self.name, self.street, self.town, self.postcode) if part)
