"""Courses, their dated sessions, and who has a place."""

from __future__ import annotations

from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.ids import uuid7
from audit.visible import VisibleQuerySet, all_if
from delivery.models import Audience, Mailing, Recipient
from network import standing
from network.models import Agency, Network
from network.standing import Standing
from network.visibility import INSIDERS, LEADS, RUNNERS, Role

https_only = URLValidator(schemes=["https"], message="Enter a web address that starts with https://")


class Course(models.Model):
    """Something to learn, which may be run many times. `agency` is the partner that provides it, if one does."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    network = models.ForeignKey(Network, models.PROTECT, related_name="courses")
    title = models.CharField(max_length=120)
    summary = models.TextField()
    provider = models.CharField(max_length=120, blank=True)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects: ClassVar[VisibleQuerySet[Course]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["title"]
        constraints = [
            models.UniqueConstraint(
                fields=["network", "title"],
                name="one_course_a_network_and_title",
                violation_error_message="The network already has a course with this title.",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def audit_name(self) -> str:
        """Courses are known in the trail by title."""
        return self.title

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """Those of networks one runs or audits; those with a session one was told of, while one belongs to the
        network; all for national coordinators.
        """
        here = standing.of(reader)
        told = Session.objects.filter(mailing__in=_received(here)).order_by().values("course")
        return (
            Q(network__in=here.networks(*RUNNERS, Role.AUDITOR))
            | Q(network__in=here.networks(*INSIDERS, *RUNNERS), pk__in=told)
            | all_if(here.holds(Role.NATIONAL))
        )


class Sessions(VisibleQuerySet["Session"]):
    """Sessions, and which of them are still to come."""

    def upcoming(self) -> Self:
        """Those that have not ended, soonest first."""
        return self.filter(ends_at__gt=Now()).order_by("starts_at", "id")

    def past(self) -> Self:
        """Those that have ended, latest first."""
        return self.filter(ends_at__lte=Now()).order_by("-starts_at", "-id")

    def following(self, session: Session, *, backwards: bool) -> Self:
        """Those that come after this one on a page: later ones, or earlier ones when reading backwards."""
        way = "lt" if backwards else "gt"
        same = Q(**{"starts_at": session.starts_at, f"id__{way}": session.pk})
        return self.filter(Q(**{f"starts_at__{way}": session.starts_at}) | same)

    def open(self) -> Self:
        """Those in which a place may be booked or given up: announced, not cancelled, not begun."""
        return self.filter(announced_at__isnull=False, cancelled_at=None, starts_at__gt=Now())


class Session(models.Model):
    """One run of a course, with so many places. `places_taken` is counted up and down by one conditional UPDATE at a
    time, never read and written back. Where it is held online, how to join is a row of its own."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    course = models.ForeignKey(Course, models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    place = models.CharField(max_length=200, blank=True)
    capacity = models.PositiveIntegerField()
    places_taken = models.PositiveIntegerField(default=0)
    audience = models.OneToOneField(Audience, models.PROTECT, null=True, blank=True, related_name="+")
    mailing = models.OneToOneField(Mailing, models.PROTECT, null=True, blank=True, related_name="+")
    announced_at = models.DateTimeField(null=True, blank=True)
    announced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects: ClassVar[Sessions] = Sessions.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["starts_at", "id"]
        indexes = [models.Index(fields=["starts_at", "id"], name="session_by_start")]
        constraints = [
            models.CheckConstraint(condition=Q(places_taken__lte=F("capacity")), name="session_is_never_overbooked"),
            models.CheckConstraint(condition=Q(capacity__gte=1), name="session_has_a_place"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="session_ends_after_it_starts"),
            models.CheckConstraint(
                condition=Q(announced_at=None, mailing=None) | Q(announced_at__isnull=False, mailing__isnull=False),
                name="session_is_announced_by_a_mailing",
            ),
        ]

    def __str__(self) -> str:
        return f"session {self.pk}"

    @property
    def network_id(self) -> UUID:
        """The network of its course, which must be loaded with it."""
        return self.course.network_id

    @property
    def audit_name(self) -> str:
        """Sessions are known in the trail by the title of their course."""
        return self.course.title

    @property
    def places_left(self) -> int:
        """How many more people could book."""
        return self.capacity - self.places_taken

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """Who it was announced to, while they belong to the network; who runs or audits the network; national
        coordinators."""
        here = standing.of(reader)
        return (
            Q(mailing__in=_received(here), course__network__in=here.networks(*INSIDERS, *RUNNERS))
            | Q(course__network__in=here.networks(*RUNNERS, Role.AUDITOR))
            | all_if(here.holds(Role.NATIONAL))
        )


class Joining(models.Model):
    """How to join a session held online: only for those with a place, so a row of its own."""

    session = models.OneToOneField(Session, models.PROTECT, related_name="joining")
    url = models.URLField("link to join", max_length=500, validators=[https_only])

    objects: ClassVar[VisibleQuerySet[Joining]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return f"joining {self.pk}"

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """Who has a place and still belongs to the network; its coordinators; national coordinators."""
        here = standing.of(reader)
        booked = Booking.objects.held().filter(person=here.person, person__isnull=False).order_by().values("session")
        return (
            Q(session__in=booked, session__course__network__in=here.networks(*INSIDERS, *RUNNERS))
            | Q(session__course__network__in=here.networks(Role.COORDINATOR))
            | all_if(here.holds(Role.NATIONAL))
        )


class Bookings(VisibleQuerySet["Booking"]):
    """Bookings, and which of them hold a place."""

    def held(self) -> Self:
        """Those not cancelled."""
        return self.filter(cancelled_at=None)


class Booking(models.Model):
    """One person's place in a session, and the agency they come from. Cancelled bookings stay, as a record."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    session = models.ForeignKey(Session, models.PROTECT, related_name="bookings")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="bookings")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    booked_at = models.DateTimeField(db_default=Now())
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[Bookings] = Bookings.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["booked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"], condition=Q(cancelled_at=None), name="one_place_a_person_and_session"
            )
        ]

    def __str__(self) -> str:
        return f"booking {self.pk}"

    @property
    def network_id(self) -> UUID:
        """The network of its course; session and course must be loaded with it."""
        return self.session.network_id

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """One's own; those from one's agency, for its leads; those of the network, for who coordinates or audits it."""
        here = standing.of(reader)
        return (
            Q(person=here.person, person__isnull=False)
            | Q(agency__in=here.agencies(*LEADS))
            | Q(session__course__network__in=here.networks(Role.COORDINATOR, Role.AUDITOR))
        )


def run_by(reader: Any) -> Q:
    """The networks whose training this person runs."""
    here = standing.of(reader)
    return Q(pk__in=here.networks(Role.COORDINATOR)) | all_if(here.holds(Role.NATIONAL))


def _received(here: Standing) -> models.QuerySet[Any]:
    """IDs of the mailings that were sent to this person."""
    return Recipient.objects.filter(person=here.person, person__isnull=False).values("mailing")
