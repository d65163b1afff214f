"""Ways to reach somebody, and what they asked for: their number, what is turned off, hours of quiet, their systems."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from accounts.ids import uuid7
from audit.visible import Row, VisibleQuerySet
from delivery.models.deliveries import Delivery
from delivery.models.messages import Mailing
from network import standing
from network.models import Agency, Appointment
from network.visibility import LEADS, Role


def own(reader: Any) -> Q:
    """One's own rows, and nobody else's."""
    return Q(person=standing.of(reader).person, person__isnull=False)


class Number(models.Model):
    """The mobile number to which a person has asked for text messages, confirmed by a code that was sent to it. Only
    themselves see it."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="text_number")
    number = models.CharField(
        max_length=16,
        validators=[RegexValidator(r"^\+[1-9][0-9]{7,14}$", "Write the number with its country code.")],
    )
    since = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[VisibleQuerySet[Number]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"number ending in {self.number[-3:]}"

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """One's own."""
        return own(reader)


class NumberCode(models.Model):
    """A code that was asked for, to show that a number is the person's: it is no way to them before. The row is the
    queue. The code is made when it is handed over, and a digest is all that is kept. What was asked for within a day is
    counted; only the last of a person has its number, until it is confirmed, removed or given up."""

    LASTS = dt.timedelta(minutes=30)
    TRIES = 5

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    number = models.CharField(max_length=16, blank=True)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    wrong = models.PositiveSmallIntegerField("wrong codes typed", default=0)
    asked_at = models.DateTimeField(db_default=Now(), editable=False)
    made_at = models.DateTimeField(null=True, editable=False)
    due_at = models.DateTimeField(null=True, db_default=Now(), editable=False)  # null: no longer owed
    lease_until = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField("times handed over", default=0)

    objects: ClassVar[models.Manager[NumberCode]]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=~Q(number=""), name="one_number_to_confirm_a_person")
        ]

    def __str__(self) -> str:
        return f"asked {self.asked_at:%H:%M}"


class Preference(models.Model):
    """What a person wants of one kind of message by one channel. Without a row: email at once, no text messages."""

    class Choice(models.TextChoices):
        AT_ONCE = "at_once", "At once"
        DIGEST = "digest", "In one summary a day"
        OFF = "off", "Not at all"

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="preferences")
    kind = models.CharField(max_length=10, choices=Mailing.Kind)
    channel = models.CharField(max_length=10, choices=Delivery.Channel)
    choice = models.CharField(max_length=10, choices=Choice)

    objects: ClassVar[VisibleQuerySet[Preference]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "channel"], name="one_choice_a_kind_and_channel"),
            models.CheckConstraint(condition=Q(channel="email") | ~Q(choice="digest"), name="summaries_come_by_email"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.channel}: {self.choice}"

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """One's own."""
        return own(reader)


class Quiet(models.Model):
    """Hours in which a person wants no messages but those that cannot wait; by the clock in London, and over midnight
    when the end is before the beginning."""

    person = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="quiet_hours")
    begins = models.TimeField()
    ends = models.TimeField()

    objects: ClassVar[VisibleQuerySet[Quiet]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "quiet hours"
        constraints = [
            models.CheckConstraint(
                condition=~Q(begins=models.F("ends")),
                name="quiet_hours_end",
                violation_error_message="Quiet hours must end at another time than they begin.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.begins:%H:%M} to {self.ends:%H:%M}"

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """One's own."""
        return own(reader)


class SetAside(models.Model):
    """An address that does not work: nothing is sent there until somebody tries it again. It is about that address,
    so it ends by itself when the person has another."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="set_aside")
    channel = models.CharField(max_length=10, choices=Delivery.Channel)
    address = models.CharField(max_length=254)
    detail = models.CharField(max_length=300, blank=True)
    flagged_only = models.BooleanField("still sent to, but looked after", default=False)
    since = models.DateTimeField(db_default=Now(), editable=False)
    until_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[VisibleQuerySet[SetAside]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "addresses set aside"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "channel"], condition=Q(until_at=None), name="one_address_set_aside"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} of person {self.person_id}"

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """One's own; those of people of one's agency for its leads, who look after them; those of leads for who
        coordinates a network of their agency, for they may be the only ones there."""
        here = standing.of(reader)
        colleagues = Q(agency__in=here.agencies(*LEADS))
        led = Q(agency__in=standing.members_of(here.networks(Role.COORDINATOR)), role__in=LEADS)
        theirs = Appointment.objects.live().filter(colleagues | led).order_by().values("person")
        return own(here) | Q(person__in=theirs)


class Endpoints(VisibleQuerySet[Row]):
    """Endpoints, and which of them are rung."""

    def live(self) -> Self:
        """Those not ended, whose owner still leads the agency, which is still a live member of a network."""
        leading = Appointment.objects.live().filter(
            person=OuterRef("owner"), agency=OuterRef("agency"), role__in=Appointment.LEAD_ROLES
        )
        return self.filter(Exists(leading), ended_at=None)


class Endpoint(models.Model):
    """A system of an agency that is told of its owner's messages, as long as the owner leads the agency and may have
    them. The secret it is signed with is sealed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    agency = models.ForeignKey(Agency, models.CASCADE, related_name="endpoints")
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="endpoints")
    name = models.CharField(max_length=80)
    url = models.URLField(max_length=300)
    secret = models.CharField("secret, sealed", max_length=300, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Endpoints[Endpoint]] = Endpoints.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "agency"],
                condition=Q(ended_at=None),
                name="one_endpoint_an_owner_and_agency",
                violation_error_message="You have a webhook for this agency already. End it first.",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def audit_name(self) -> str:
        """Known in the trail by the name its owner gave."""
        return self.name

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """Those of the agencies one leads."""
        return Q(agency__in=standing.of(reader).agencies(*LEADS))
