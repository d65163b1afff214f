"""Courses, what has been run of them, what is to come, and who has a place."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.urls import reverse

from accounts.models import User
from delivery import audience, post
from delivery.models import Delivery, Mailing, Recipient
from demonstration.story.world import World, told
from training import notices
from training.models import Booking, Course, Joining, Session

RUN_BY = {"DUR": "Cora Bell", "RIV": "Farid Haddad"}
ANNOUNCED = 40  # days before a session
EVERYBODY = audience.Choice(everyone=True, roles=("lead", "deputy", "member", "charter"))


def tell(world: World) -> None:
    """Write the courses with their sessions, announcements and bookings."""
    for story in told("training")["course"]:
        by = world.people[RUN_BY[story["network"]]]
        agency = world.agencies.get(story.get("agency", ""))
        facts = {name: story[name] for name in ("title", "summary", "provider")}
        course = Course.objects.create(network=world.networks[story["network"]], agency=agency, added_by=by, **facts)
        for number, planned in enumerate(story["sessions"], 1):
            _session(world, course, planned, number, by)


def _session(world: World, course: Course, planned: dict[str, Any], number: int, by: User) -> None:
    starts = world.ahead(planned["days"], planned["at"])
    announced = min(starts - dt.timedelta(ANNOUNCED), world.now - dt.timedelta(days=1, hours=number))
    session = Session.objects.create(
        course=course,
        starts_at=starts,
        ends_at=starts + dt.timedelta(hours=planned["hours"]),
        place=planned["place"],
        capacity=planned["capacity"],
        audience=audience.save(course.network, EVERYBODY),
    )
    if "join" in planned:
        Joining.objects.create(session=session, url=planned["join"])
    mailing = _announce(session, announced)
    fields = {"mailing": mailing, "announced_at": announced, "announced_by": by}
    people = Recipient.objects.filter(mailing=mailing).count()
    world.remember("session.announce", session, by=by, at=announced, people=people)
    taken = _book(world, session, mailing, planned, announced)
    Session.objects.filter(pk=session.pk).update(places_taken=taken, **fields)


def _announce(session: Session, at: dt.datetime) -> Mailing:
    mailing = notices.announcement(session, reverse("training:session", args=[session.pk]))
    assert session.audience is not None  # noqa: S101 — it was given one above
    post.enclose(mailing=mailing, audience=session.audience)
    Mailing.objects.filter(pk=mailing.pk).update(
        released_at=at, deadline_at=at + post.PATIENCE[Mailing.Urgency.ROUTINE]
    )
    done = at + dt.timedelta(seconds=9)
    sent = {"state": Delivery.State.SENT, "attempts": 1, "due_at": at, "sent_at": done, "finished_at": done}
    Delivery.objects.filter(mailing=mailing).update(**sent)
    return mailing


def _book(world: World, session: Session, mailing: Mailing, planned: dict[str, Any], announced: dt.datetime) -> int:
    """Give places to as many as were planned, those named first; a few others had one and gave it back."""
    told_of_it = list(Recipient.objects.filter(mailing=mailing).select_related("person").order_by("person__name"))
    named = [row for row in told_of_it if row.person.name in planned.get("with", [])]
    others = [row for row in told_of_it if row not in named and row.person.name != "Otto Lindqvist"]
    world.chance.shuffle(others)
    places = (named + others)[: planned["people"]]
    gave_back = others[planned["people"] : planned["people"] + 2] if planned["days"] < 0 else []
    last = min(session.starts_at, world.now)
    rows = [_booking(world, session, row, announced, last) for row in (*places, *gave_back)]
    for booking in rows[len(places) :]:
        booking.cancelled_at = booking.booked_at + (last - booking.booked_at) / 2
    for booking in rows:
        _remember(world, booking)
    Booking.objects.bulk_create(rows)
    return len(places)


def _booking(world: World, session: Session, row: Recipient, announced: dt.datetime, last: dt.datetime) -> Booking:
    """Most people book in the first days after they hear of it."""
    at = announced + (last - announced) * world.chance.betavariate(1, 3)
    return Booking(session=session, person=row.person, agency_id=row.agency_id, booked_at=at)


def _remember(world: World, booking: Booking) -> None:
    world.remember("booking.make", booking, by=booking.person, at=booking.booked_at)
    if booking.cancelled_at:
        world.remember("booking.cancel", booking, by=booking.person, at=booking.cancelled_at)
