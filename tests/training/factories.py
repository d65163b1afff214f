"""Rows of training, for tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import User
from delivery.models import Audience, Mailing, Recipient
from network.models import Agency
from tests.factories import NetworkFactory
from training.models import Booking, Course, Session


class CourseFactory(DjangoModelFactory[Course]):
    class Meta:
        model = Course

    network = factory.SubFactory(NetworkFactory)
    title = factory.Sequence(lambda n: f"Course {n:04}")
    summary = "What to look for."
    provider = "The network"


class SessionFactory(DjangoModelFactory[Session]):
    """A session a fortnight from now, two hours long, not announced: see `announced`."""

    class Meta:
        model = Session

    course = factory.SubFactory(CourseFactory)
    starts_at = factory.LazyFunction(lambda: timezone.now() + dt.timedelta(days=14))
    ends_at = factory.LazyAttribute(lambda session: session.starts_at + dt.timedelta(hours=2))
    place = "Town hall, Darlington"
    capacity = 12


def announced(*people: tuple[User, Agency | None], **fields: Any) -> Session:
    """A session that was announced to these people, each for their agency."""
    session = SessionFactory(**fields)
    network, now = session.course.network, timezone.now()
    session.audience = Audience.objects.create(network=network, everyone=True, roles=["lead", "member"])
    session.mailing = Mailing.objects.create(
        kind="training", network=network, reference="TEST", marking="OFFICIAL TLP:GREEN", subject="Training",
        text="…", path="/", urgency="routine", deadline_at=now,
    )  # fmt: skip
    session.announced_at = now
    session.save()
    for person, agency in people:
        Recipient.objects.create(mailing=session.mailing, person=person, agency=agency, role="lead", reason="test")
    return session


def place(session: Session, person: User, agency: Agency | None = None) -> Booking:
    """A place that this person has, counted."""
    session.places_taken += 1
    session.save()
    return Booking.objects.create(session=session, person=person, agency=agency)
