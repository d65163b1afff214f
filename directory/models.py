"""What agencies offer: listings and what hangs on them, and the reference tables a person in a hurry needs.

Who may see each is in `directory/rules.py`, one `seen_by` a model.
"""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from guardian.models import UserObjectPermissionBase

from accounts.ids import uuid7
from audit.visible import Row, VisibleQuerySet
from directory import rules
from directory.access import Access as Access
from network.models import Agency, Area, Network

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
    """A function to reach, by telephone or e-mail. A row that names an officer is personal, and never public."""

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


class Shares(models.QuerySet[Row]):
    """Shares, and which of them count."""

    def live(self) -> Self:
        """Those that were accepted and whose end has not come, by the database's clock."""
        return self.filter(Q(until_at=None) | Q(until_at__gt=Now()), accepted_at__lte=Now())


class Share(models.Model):
    """A restricted listing opened to one more agency, or to one more network, once both sides have said yes. It never
    opens a concealed one."""

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

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(agency__isnull=False, network=None) | Q(agency=None, network__isnull=False),
                name="share_is_with_an_agency_or_a_network",
            ),
        ]

    def __str__(self) -> str:
        return f"Shared with {self.agency or self.network}"


class ListingGrant(UserObjectPermissionBase):
    """One concealed listing to one person, for a reason, until a moment. `network.grants` gives, ends and reads them.

    A person may be given the same listing again after an end, so there may be many for one pair.
    """

    content_object = models.ForeignKey(Listing, models.CASCADE, related_name="grants")
    reason = models.TextField()
    until_at = models.DateTimeField()
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes = [models.Index(fields=["user", "until_at"], name="listing_grant_by_person")]

    def __str__(self) -> str:
        return f"Grant until {self.until_at:%Y-%m-%d %H:%M}"


class FirstResponder(models.Model):
    """A kind of organisation that may refer people into the National Referral Mechanism, by law or by designation."""

    class Kind(models.TextChoices):
        STATUTORY = "statutory", "Statutory"
        HOME_OFFICE = "home_office", "Home Office"
        NON_STATUTORY = "non_statutory", "Designated charity"

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=14, choices=Kind)
    basis = models.CharField(max_length=120, blank=True)
    note = models.TextField(blank=True)
    from_on = models.DateField(null=True, blank=True)
    until_on = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=200)
    source_on = models.CharField("day, month or year of the source", max_length=10)

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name


class Helpline(models.Model):
    """A number to ring, with where and when we read it, because such numbers change."""

    name = models.CharField(max_length=120, unique=True)
    number = models.CharField(max_length=80)
    hours = models.CharField(max_length=160, blank=True)
    for_whom = models.CharField(max_length=160, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    show_everywhere = models.BooleanField("shown at the foot of every page", default=False)
    source = models.CharField(max_length=200)
    source_on = models.CharField("day, month or year of the source", max_length=10)

    class Meta:
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_email(self) -> bool:
        """Whether one writes there instead of ringing."""
        return "@" in self.number

    @property
    def is_address(self) -> bool:
        """Whether one opens it in a browser instead of ringing."""
        return self.number.startswith("https://")
