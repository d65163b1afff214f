from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.utils import timezone

from audit.models import Entry
from delivery import audience
from delivery.models import Delivery, Recipient
from tests import factories as people
from tests.conftest import CAST
from training import actions
from training.models import Booking, Course, Joining, Session

HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
NOBODY_ELSE = [name for name in CAST if name not in {"cora", "nora", "anonymous"}]


def times(**more):
    starts = timezone.now() + 7 * DAY
    return {"starts_at": starts, "ends_at": starts + HOUR, "capacity": 5, "place": "Town hall", **more}


def ready(session, by, **choice):
    """The session addressed, and the fingerprint of its people."""
    addressed = actions.address(session=session, choice=audience.Choice(**(choice or {"everyone": True})), by=by)
    return addressed, audience.fingerprint(audience.named(addressed.audience))


class TestWhoMayRun:
    @pytest.mark.parametrize("name", NOBODY_ELSE)
    def test_refuses_everybody_but_coordinators(self, request, name, durham, course, unannounced, session):
        by = request.getfixturevalue(name)
        for attempt in (
            lambda: actions.add_course(network=durham, title="x", summary="x", by=by),
            lambda: actions.schedule(course=course, by=by, **times()),
            lambda: actions.address(session=unannounced, choice=audience.Choice(everyone=True), by=by),
            lambda: actions.announce(session=unannounced, sheet="", by=by),
            lambda: actions.call_off(session=session, by=by),
        ):
            with pytest.raises(PermissionDenied):
                attempt()

    def test_refuses_the_coordinator_of_another_network(self, riverside, course):
        other = people.person("Rhys Coordinator", "coordinator", riverside)
        with pytest.raises(PermissionDenied):
            actions.schedule(course=course, by=other, **times())


class TestAddCourse:
    def test_leaves_an_entry_in_the_networks_trail(self, cora, durham):
        made = actions.add_course(network=durham, title="First aid", summary="x", by=cora)
        entry = Entry.objects.get()
        assert (entry.verb, entry.network_id, entry.subject_id) == ("course.add", durham.pk, str(made.pk))

    def test_refuses_a_title_twice(self, cora, durham, course):
        with pytest.raises(ValidationError, match="already has a course"):
            actions.add_course(network=durham, title=course.title, summary="x", by=cora)
        assert Course.objects.count() == 1


class TestSchedule:
    def test_keeps_the_link_in_a_row_of_its_own(self, cora, course):
        made = actions.schedule(course=course, by=cora, **times(place="", url="https://meet.example/1"))
        assert Joining.objects.get().session == made

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"starts_at": dt.datetime(2020, 1, 1, 9, tzinfo=dt.UTC)}, "starts_at"),
            ({"ends_at": dt.datetime(2020, 1, 1, 9, tzinfo=dt.UTC)}, "ends_at"),
            ({"place": ""}, "place"),
        ],
    )
    def test_refuses_what_cannot_be(self, cora, course, wrong, field):
        with pytest.raises(ValidationError) as refusal:
            actions.schedule(course=course, by=cora, **times(**wrong))
        assert list(refusal.value.message_dict) == [field]
        assert not Session.objects.exists()


class TestAnnounce:
    def test_gives_it_at_once_to_everyone_it_is_for_and_owes_each_an_email(self, cora, mia, otto, nell, unannounced):
        session, sheet = ready(unannounced, cora)
        actions.announce(session=session, sheet=sheet, by=cora)
        assert {row.person for row in Recipient.objects.all()} == {mia, otto}
        assert Delivery.objects.filter(state=Delivery.State.QUEUED).count() == 2
        assert Session.objects.visible_to(mia).exists()
        assert not Session.objects.visible_to(nell).exists()

    def test_says_when_and_where_and_hides_the_link(self, cora, mia, course):
        starts = dt.datetime(2027, 7, 1, 16, 30, tzinfo=dt.UTC)
        made = actions.schedule(
            course=course,
            by=cora,
            **times(starts_at=starts, ends_at=starts + 1.5 * HOUR, url="https://meet.example/secret"),
        )
        session, sheet = ready(made, cora)
        mailing = actions.announce(session=session, sheet=sheet, by=cora).mailing
        assert "Thursday 1 July 2027, 5:30pm to 7pm" in mailing.text
        assert "meet.example" not in mailing.text
        assert mailing.marking == "OFFICIAL TLP:GREEN"
        assert mailing.path == f"/training/sessions/{made.pk}/"

    def test_refuses_when_the_people_have_changed_since_they_were_shown(self, cora, mia, unannounced, harbour):
        session, sheet = ready(unannounced, cora)
        people.person("Late Comer", "lead", harbour)
        with pytest.raises(ValidationError, match="have changed"):
            actions.announce(session=session, sheet=sheet, by=cora)
        assert not Recipient.objects.exists()

    def test_refuses_nobody(self, cora, unannounced):
        session, sheet = ready(unannounced, cora, kinds=["police"])
        with pytest.raises(ValidationError, match="nobody fits"):
            actions.announce(session=session, sheet=sheet, by=cora)

    def test_refuses_a_second_time(self, cora, mia, unannounced):
        session, sheet = ready(unannounced, cora)
        actions.announce(session=session, sheet=sheet, by=cora)
        with pytest.raises(ValidationError, match="already been announced"):
            actions.announce(session=session, sheet=sheet, by=cora)
        assert Recipient.objects.count() == 1

    def test_refuses_agencies_of_another_network(self, cora, unannounced, riverbank):
        with pytest.raises(ValidationError, match="this network only"):
            actions.address(session=unannounced, choice=audience.Choice(agencies=[riverbank]), by=cora)


class TestBook:
    @pytest.mark.parametrize("name", ["mia", "ben", "otto", "cora", "asha", "nora"])
    def test_is_for_those_it_was_announced_to_and_those_who_run_it(self, request, name, session):
        person = request.getfixturevalue(name)
        booking = actions.book(session=session, by=person)
        assert (booking.person, Session.objects.get().places_taken) == (person, 1)

    @pytest.mark.parametrize("name", ["cal", "nell", "faye", "dara", "omar"])
    def test_refuses_everybody_else(self, request, name, session):
        with pytest.raises(PermissionDenied):
            actions.book(session=session, by=request.getfixturevalue(name))
        assert Session.objects.get().places_taken == 0

    def test_remembers_the_agency_one_comes_from(self, mia, haven, session):
        assert actions.book(session=session, by=mia).agency == haven

    def test_refuses_before_it_is_announced(self, cora, unannounced):
        with pytest.raises(ValidationError, match="not open"):
            actions.book(session=unannounced, by=cora)

    def test_gives_one_place_to_who_presses_twice(self, mia, session):
        actions.book(session=session, by=mia)
        with pytest.raises(ValidationError, match="already have a place"):
            actions.book(session=session, by=mia)
        assert (Booking.objects.count(), Session.objects.get().places_taken) == (1, 1)

    def test_refuses_when_it_is_full_and_leaves_no_trace(self, mia, otto, session):
        Session.objects.update(capacity=1)
        actions.book(session=session, by=mia)
        with pytest.raises(ValidationError, match="no places left"):
            actions.book(session=session, by=otto)
        assert Booking.objects.get().person == mia
        assert Entry.objects.filter(verb="booking.make").count() == 1

    @pytest.mark.parametrize("change", [{"starts_at": timezone.now() - DAY}, {"cancelled_at": timezone.now()}])
    def test_refuses_once_it_has_begun_or_is_called_off(self, mia, session, change):
        Session.objects.update(**change)
        with pytest.raises(ValidationError, match="not open"):
            actions.book(session=session, by=mia)


class TestCancel:
    def test_frees_the_place_for_somebody_else(self, mia, otto, session):
        Session.objects.update(capacity=1)
        actions.cancel(booking=actions.book(session=session, by=mia), by=mia)
        assert actions.book(session=session, by=otto).person == otto
        assert Session.objects.get().places_taken == 1

    def test_lets_one_book_again(self, mia, session):
        actions.cancel(booking=actions.book(session=session, by=mia), by=mia)
        actions.book(session=session, by=mia)
        assert (Booking.objects.count(), Booking.objects.held().count()) == (2, 1)

    def test_frees_one_place_however_often_it_is_pressed(self, mia, otto, session):
        actions.book(session=session, by=otto)
        booking = actions.book(session=session, by=mia)
        actions.cancel(booking=booking, by=mia)
        actions.cancel(booking=booking, by=mia)
        assert Session.objects.get().places_taken == 1
        assert Entry.objects.filter(verb="booking.cancel").count() == 1

    @pytest.mark.parametrize("name", ["otto", "ben", "cora", "nora"])
    def test_refuses_anybody_else(self, request, name, mia, session):
        booking = actions.book(session=session, by=mia)
        with pytest.raises(PermissionDenied):
            actions.cancel(booking=booking, by=request.getfixturevalue(name))

    def test_refuses_once_the_session_has_begun(self, mia, session):
        booking = actions.book(session=session, by=mia)
        Session.objects.update(starts_at=timezone.now() - HOUR)
        with pytest.raises(ValidationError, match="has begun"):
            actions.cancel(booking=booking, by=mia)
        assert Booking.objects.held().exists()


class TestCallOff:
    def test_tells_those_with_a_place_and_nobody_else(self, cora, mia, otto, unannounced):
        session, sheet = ready(unannounced, cora)
        session = actions.announce(session=session, sheet=sheet, by=cora)
        actions.book(session=session, by=mia)
        called_off = actions.call_off(session=session, by=cora)
        told = Recipient.objects.exclude(mailing=session.mailing)
        assert [row.person for row in told] == [mia]
        assert "will not take place" in told[0].mailing.text
        assert called_off.cancelled_at

    def test_stops_what_was_not_sent_yet(self, cora, mia, unannounced):
        session, sheet = ready(unannounced, cora)
        session = actions.announce(session=session, sheet=sheet, by=cora)
        actions.call_off(session=session, by=cora)
        assert Delivery.objects.get().state == Delivery.State.WITHDRAWN

    def test_changes_nothing_the_second_time(self, cora, session):
        actions.call_off(session=session, by=cora)
        actions.call_off(session=session, by=cora)
        assert Entry.objects.filter(verb="session.call_off").count() == 1

    def test_refuses_once_it_has_begun(self, cora, session):
        Session.objects.update(starts_at=F("starts_at") - 15 * DAY, ends_at=F("ends_at"))
        with pytest.raises(ValidationError, match="already begun"):
            actions.call_off(session=session, by=cora)


class TestCrowd:
    """Many press at once, each from their own connection, on a real database."""

    PEOPLE, PLACES = 16, 5

    @pytest.mark.django_db(transaction=True)
    def test_never_sells_a_place_twice(self, crowd):
        factories_made = crowd.gather(self.PEOPLE, capacity=self.PLACES)
        outcomes = crowd.press(lambda person, session: actions.book(session=session, by=person), factories_made)
        assert sorted(outcomes).count("done") == self.PLACES
        assert outcomes.count("There are no places left on this session.") == self.PEOPLE - self.PLACES
        assert crowd.count() == (self.PLACES, self.PLACES)

    @pytest.mark.django_db(transaction=True)
    def test_gives_one_place_to_one_person_with_many_fingers(self, crowd):
        (person,) = crowd.gather(1, capacity=self.PLACES)
        outcomes = crowd.press(lambda who, session: actions.book(session=session, by=who), [person] * 8)
        assert outcomes.count("done") == 1
        assert outcomes.count("You already have a place on this session.") == 7
        assert crowd.count() == (1, 1)

    @pytest.mark.django_db(transaction=True)
    def test_keeps_count_while_some_cancel_and_others_book(self, crowd):
        gathered = crowd.gather(self.PEOPLE, capacity=self.PLACES)

        def come_and_go(person, session):
            actions.cancel(booking=actions.book(session=session, by=person), by=person)
            actions.book(session=session, by=person)

        crowd.press(come_and_go, gathered)
        held, taken = crowd.count()
        assert held == taken <= self.PLACES
