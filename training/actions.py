"""What people do about training: coordinators run it, everybody it was announced to may book a place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import partial
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit import trail
from delivery import audience, bells, post
from delivery.models import Mailing, Recipient
from network import roles
from network.models import Agency, Membership, Network
from training import notices
from training.models import Booking, Course, Joining, Session


@transaction.atomic
def add_course(
    *, network: Network, title: str, summary: str, provider: str = "", agency: Agency | None = None, by: User
) -> Course:
    """A new course of a network. For its coordinators, else PermissionDenied. ValidationError if the title is taken."""
    roles.require(by, "session.run", network)
    course = Course(network=network, title=title, summary=summary, provider=provider, agency=agency, added_by=by)
    course.full_clean()
    course.save()
    trail.record("course.add", course, by=by)
    return course


@transaction.atomic
def schedule(
    *,
    course: Course,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    capacity: int,
    place: str = "",
    url: str = "",
    by: User,
) -> Session:
    """A new session of a course, not announced yet. `url` is how to join online, shown only to those with a place.

    For the network's coordinators, else PermissionDenied. ValidationError if it begins in the past, ends before it
    begins, or has neither place nor link.
    """
    roles.require(by, "session.run", course)
    _refuse_impossible(starts_at, ends_at, place, url)
    session = Session(course=course, starts_at=starts_at, ends_at=ends_at, capacity=capacity, place=place)
    session.full_clean()
    session.save()
    if url:
        joining = Joining(session=session, url=url)
        joining.full_clean()
        joining.save()
    trail.record("session.schedule", session, by=by, capacity=capacity)
    return session


@transaction.atomic
def address(*, session: Session, choice: audience.Choice, by: User) -> Session:
    """The session with the rule of whom it will be announced to. For the network's coordinators, else PermissionDenied.
    ValidationError once it has been announced or called off, or for an agency that is not in the network."""
    roles.require(by, "session.run", session)
    session = _unannounced(session)
    _refuse_strangers(session, [*choice.agencies, *choice.excluded])
    session.audience = audience.save(session.course.network, choice, session.audience)
    session.save(update_fields=["audience"])
    trail.record("session.address", session, by=by)
    return session


@transaction.atomic
def announce(*, session: Session, sheet: str, by: User) -> Session:
    """The session, in the inbox of everyone it is for, and owed by email. `sheet` is the fingerprint of the people
    that were shown (`delivery.audience.fingerprint`): if they have changed, ValidationError, and nothing is sent.

    For the network's coordinators, else PermissionDenied. ValidationError as well if it is for nobody, has been
    announced already, called off, or has begun.
    """
    roles.require(by, "session.run", session)
    session = _unannounced(session)
    people = audience.named(session.audience) if session.audience else []
    if not people:
        raise ValidationError("Choose whom to tell: nobody fits what is chosen now.", code="nobody")
    if sheet != audience.fingerprint(people):
        raise ValidationError("The people have changed since you looked. Check them again.", code="changed")
    mailing = notices.announcement(session, _path(session))
    session.mailing = _enclosed(session, mailing, {row.person_id for row in people})
    session.announced_at, session.announced_by = timezone.now(), by
    session.save(update_fields=["mailing", "announced_at", "announced_by"])
    trail.record("session.announce", session, by=by, people=len(people))
    return session


@transaction.atomic
def call_off(*, session: Session, by: User) -> Session:
    """The session, called off; those with a place are told. For the network's coordinators, else PermissionDenied.
    ValidationError once it has begun. Calling off twice changes nothing."""
    roles.require(by, "session.run", session)
    session = _held(session)
    if session.cancelled_at:
        return session
    _refuse_begun(session)
    session.cancelled_at, session.cancelled_by = timezone.now(), by
    session.save(update_fields=["cancelled_at", "cancelled_by"])
    booked = set(Booking.objects.held().filter(session=session).values_list("person", flat=True))
    if session.mailing:
        post.withdraw(session.mailing)
    if booked:
        _enclosed(session, notices.calling_off(session, _path(session)), booked)
    trail.record("session.call_off", session, by=by, booked=len(booked))
    return session


@transaction.atomic
def book(*, session: Session, by: User) -> Booking:
    """A place for oneself. For those it was announced to and those who run the network, else PermissionDenied.

    Places are taken by one conditional UPDATE, so however many press at once, no more are given than there are.
    ValidationError if one has a place already, none is left, or the session is not open for booking.
    """
    roles.require(by, "session.book", session)
    _require_visible(session, by)
    told = Recipient.objects.filter(mailing=session.mailing_id, mailing__isnull=False, person=by)
    try:
        with transaction.atomic():
            agency = told.values_list("agency", flat=True).first()
            booking = Booking.objects.create(session=session, person=by, agency_id=agency)
    except IntegrityError:
        raise ValidationError("You already have a place on this session.", code="booked") from None
    open_now = Session.objects.open().filter(pk=session.pk)
    if not open_now.filter(places_taken__lt=F("capacity")).update(places_taken=F("places_taken") + 1):
        raise ValidationError(_why_not(is_open=open_now.exists()), code="full")
    trail.record("booking.make", booking, by=by)
    return booking


@transaction.atomic
def cancel(*, booking: Booking, by: User) -> Booking:
    """One's own place, given back for somebody else. PermissionDenied for anybody else's. ValidationError once the
    session has begun. Cancelling twice changes nothing."""
    if booking.person_id != by.pk:
        raise PermissionDenied("You can cancel only your own place.")
    if not Session.objects.filter(pk=booking.session_id, starts_at__gt=Now()).exists():
        raise ValidationError("This session has begun. A place can no longer be cancelled.", code="begun")
    if Booking.objects.held().filter(pk=booking.pk).update(cancelled_at=Now()):
        Session.objects.filter(pk=booking.session_id).update(places_taken=F("places_taken") - 1)
        trail.record("booking.cancel", booking, by=by)
    booking.refresh_from_db(fields=["cancelled_at"])
    return booking


def _require_visible(session: Session, by: User) -> None:
    if not Session.objects.visible_to(by).filter(pk=session.pk).exists():
        raise PermissionDenied("This session was not announced to you.")


def _why_not(*, is_open: bool) -> str:
    return "There are no places left on this session." if is_open else "This session is not open for booking."


def _held(session: Session) -> Session:
    """The session as it is now, and held until the end of the transaction."""
    rows = Session.objects.select_related("course__network", "audience", "mailing").select_for_update(of=("self",))
    return rows.get(pk=session.pk)


def _unannounced(session: Session) -> Session:
    held = _held(session)
    if held.cancelled_at:
        raise ValidationError("This session has been called off.", code="called_off")
    if held.announced_at:
        raise ValidationError("This session has already been announced.", code="announced")
    _refuse_begun(held)
    return held


def _refuse_begun(session: Session) -> None:
    if not Session.objects.filter(pk=session.pk, starts_at__gt=Now()).exists():
        raise ValidationError("This session has already begun.", code="begun")


def _refuse_impossible(starts_at: dt.datetime, ends_at: dt.datetime, place: str, url: str) -> None:
    if starts_at <= timezone.now():
        raise ValidationError({"starts_at": "The session must begin in the future"})
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": "The session must end after it begins"})
    if not (place or url):
        raise ValidationError({"place": "Enter a place, or a link to join online"})


def _refuse_strangers(session: Session, agencies: Iterable[Agency]) -> None:
    chosen = {agency.pk for agency in agencies}
    members = Membership.objects.live().filter(network=session.network_id, agency__in=chosen)
    if len(set(members.values_list("agency", flat=True))) < len(chosen):
        raise ValidationError("Choose agencies of this network only.", code="stranger")


def _enclosed(session: Session, mailing: Mailing, people: set[UUID]) -> Mailing:
    assert session.audience is not None  # noqa: S101 — told to somebody
    sent = post.enclose(mailing=mailing, audience=session.audience, only=frozenset(people))
    transaction.on_commit(partial(bells.ring, sent.urgency))
    return sent


def _path(session: Session) -> str:
    return reverse("training:session", args=[session.pk])
