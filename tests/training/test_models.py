from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError
from django.db.models.functions import Now
from django.utils import timezone

from network.models import Appointment, Membership, Network
from tests import factories as people
from tests.conftest import CAST
from tests.training import factories
from training.models import Booking, Course, Joining, Session, run_by

DAY = dt.timedelta(days=1)
RUNS_OR_WATCHES = {"cora", "asha", "nora", "dara"}


@pytest.fixture
def who(request):
    return request.getfixturevalue


def seers(who, rows) -> set[str]:
    return {name for name in CAST if rows.visible_to(who(name)).exists()}


class TestSession:
    def test_is_seen_by_those_it_was_announced_to_and_who_runs_or_audits(self, who, session):
        assert seers(who, Session.objects) == RUNS_OR_WATCHES | {"mia", "ben", "otto"}

    def test_is_seen_by_nobody_else_before_it_is_announced(self, who, unannounced):
        assert seers(who, Session.objects) == RUNS_OR_WATCHES

    def test_is_hidden_from_who_has_left_the_network_since(self, mia, haven, session):
        Membership.objects.filter(agency=haven).update(until_at=Now())
        assert not Session.objects.visible_to(mia)

    def test_is_hidden_from_who_has_left_their_agency_since(self, mia, session):
        Appointment.objects.filter(person=mia).update(until_at=Now())
        assert not Session.objects.visible_to(mia)

    def test_is_hidden_from_who_may_no_longer_sign_in(self, mia, session):
        type(mia).objects.filter(pk=mia.pk).update(is_active=False, closed_at=Now())
        assert not Session.objects.visible_to(mia)

    def test_is_hidden_from_the_coordinator_of_another_network(self, riverside, session):
        assert not Session.objects.visible_to(people.person("Rhys Coordinator", "coordinator", riverside))

    @pytest.mark.parametrize(
        "wrong",
        [{"places_taken": 13}, {"capacity": 0}, {"ends_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}],
    )
    def test_cannot_be_what_makes_no_sense(self, course, wrong):
        with pytest.raises(IntegrityError):
            factories.SessionFactory(course=course, **wrong)

    def test_is_not_announced_without_a_mailing(self, unannounced):
        unannounced.announced_at = timezone.now()
        with pytest.raises(IntegrityError):
            unannounced.save()


class TestSessions:
    def test_open_are_announced_ones_that_stand_and_have_not_begun(self, course, session, unannounced):
        now = timezone.now()
        factories.announced(course=course, starts_at=now - DAY, ends_at=now + DAY)
        factories.announced(course=course, cancelled_at=now)
        assert list(Session.objects.open()) == [session]

    def test_upcoming_last_until_they_end(self, course):
        now = timezone.now()
        going = factories.SessionFactory(course=course, starts_at=now - DAY, ends_at=now + DAY)
        later = factories.SessionFactory(course=course)
        over = factories.SessionFactory(course=course, starts_at=now - 3 * DAY, ends_at=now - DAY)
        assert list(Session.objects.upcoming()) == [going, later]
        assert list(Session.objects.past()) == [over]

    def test_following_goes_on_where_a_page_ended_even_at_the_same_moment(self, course):
        same = timezone.now() + DAY
        first, second, third = (factories.SessionFactory(course=course, starts_at=same) for _ in range(3))
        rows = Session.objects.order_by("starts_at", "id")
        assert list(rows.following(first, backwards=False)) == [second, third]
        assert list(rows.following(third, backwards=True)) == [first, second]


class TestCourse:
    def test_is_seen_with_a_session_of_it(self, who, session):
        assert seers(who, Course.objects) == RUNS_OR_WATCHES | {"mia", "ben", "otto"}

    def test_is_seen_only_by_who_runs_or_audits_before_that(self, who, unannounced):
        assert seers(who, Course.objects) == RUNS_OR_WATCHES


class TestJoining:
    def test_is_for_those_with_a_place_and_those_who_run_it(self, who, session, mia, haven):
        Joining.objects.create(session=session, url="https://meet.example/1")
        factories.place(session, mia, haven)
        assert seers(who, Joining.objects) == {"mia", "cora", "nora"}

    def test_is_hidden_again_after_cancelling(self, session, mia):
        Joining.objects.create(session=session, url="https://meet.example/1")
        booking = factories.place(session, mia)
        Booking.objects.filter(pk=booking.pk).update(cancelled_at=Now())
        assert not Joining.objects.visible_to(mia)

    def test_is_hidden_from_who_left_the_network_with_a_place(self, session, mia, haven):
        Joining.objects.create(session=session, url="https://meet.example/1")
        factories.place(session, mia, haven)
        Membership.objects.filter(agency=haven).update(until_at=Now())
        assert not Joining.objects.visible_to(mia)


class TestBooking:
    def test_is_seen_by_oneself_ones_lead_and_who_coordinates_or_audits(self, who, session, ben, haven):
        factories.place(session, ben, haven)
        assert seers(who, Booking.objects) == {"ben", "mia", "cora", "dara"}

    def test_of_a_lead_is_not_seen_by_their_member(self, session, mia, ben, haven):
        factories.place(session, mia, haven)
        assert not Booking.objects.visible_to(ben)

    def test_is_one_a_person_and_session_until_cancelled(self, session, mia):
        Booking.objects.create(session=session, person=mia, cancelled_at=timezone.now())
        Booking.objects.create(session=session, person=mia)
        with pytest.raises(IntegrityError):
            Booking.objects.create(session=session, person=mia)


class TestRunBy:
    def test_names_the_coordinators_own_network_and_all_for_the_nation(self, who, durham, riverside):
        running = {name: set(Network.objects.filter(run_by(who(name)))) for name in CAST}
        assert {name: found for name, found in running.items() if found} == {
            "cora": {durham},
            "nora": {durham, riverside},
        }
