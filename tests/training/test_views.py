from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.models import Recipient
from tests.conftest import CAST
from tests.training import factories
from training.models import Booking, Course, Joining, Session

LIST = "/training/"
NOT_RUNNING = [name for name in CAST if name not in {"cora", "nora", "anonymous"}]
SEES = {"cora", "asha", "nora", "dara", "mia", "ben", "otto"}


def text_of(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)


def page_of(session, rest="") -> str:
    return f"/training/sessions/{session.pk}/{rest}"


class TestSessions:
    @pytest.mark.parametrize("name", [name for name in CAST if name != "anonymous"])
    def test_lists_what_one_may_see(self, request, browse, name, session):
        page = text_of(browse(request.getfixturevalue(name)).get(LIST))
        assert (session.course.title in page) is (name in SEES)

    def test_sends_nobody_to_sign_in(self, client, session):
        assert client.get(LIST).status_code == 302

    def test_says_how_many_places_are_left_and_that_one_has_one(self, browse, mia, otto, session):
        factories.place(session, mia)
        assert "11 of 12 places left" in text_of(browse(otto).get(LIST))
        assert "You have a place" in text_of(browse(mia).get(LIST))

    def test_pages_through_many_without_losing_one(self, browse, cora, course):
        same = timezone.now() + dt.timedelta(days=3)
        for _ in range(30):
            factories.SessionFactory(course=course, starts_at=same)
        client = browse(cora)
        first = client.get(LIST)
        second = client.get(first.context["next_url"])
        shown = [row["session"].pk for page in (first, second) for row in page.context["rows"]]
        assert (len(first.context["rows"]), len(shown), len(set(shown))) == (25, 30, 30)
        assert second.context["next_url"] == ""

    @pytest.mark.parametrize("after", ["nonsense", "01890000-0000-7000-8000-000000000000"])
    def test_answers_404_for_a_page_that_is_not_there(self, browse, cora, after):
        assert browse(cora).get(f"{LIST}?after={after}").status_code == 404

    def test_keeps_past_sessions_on_a_page_of_their_own(self, browse, mia, session):
        Session.objects.update(starts_at=timezone.now() - dt.timedelta(days=2), ends_at=Now())
        assert session.course.title not in text_of(browse(mia).get(LIST))
        assert session.course.title in text_of(browse(mia).get(f"{LIST}?past=1"))

    def test_asks_as_many_queries_for_many_as_for_one(self, browse, mia, haven, course, session):
        client = browse(mia)
        few = queries(client, LIST)
        for _ in range(9):
            factories.announced((mia, haven), course=course)
        assert queries(client, LIST) == few


class TestSession:
    @pytest.mark.parametrize("name", [name for name in CAST if name != "anonymous"])
    def test_is_absent_for_whom_it_is_not(self, request, browse, name, session):
        client = browse(request.getfixturevalue(name))
        assert client.get(page_of(session)).status_code == (200 if name in SEES else 404)

    def test_shows_the_link_to_join_only_with_a_place(self, browse, mia, otto, session):
        Joining.objects.create(session=session, url="https://meet.example/secret")
        factories.place(session, mia)
        assert "meet.example/secret" in text_of(browse(mia).get(page_of(session)))
        assert "meet.example" not in text_of(browse(otto).get(page_of(session)))

    def test_offers_no_place_to_who_may_only_look(self, browse, dara, otto, session):
        assert "Book a place" in text_of(browse(otto).get(page_of(session)))
        assert "Book a place" not in text_of(browse(dara).get(page_of(session)))

    def test_names_nobody_to_another_agency(self, browse, mia, haven, otto, session):
        factories.place(session, mia, haven)
        assert mia.name not in text_of(browse(otto).get(page_of(session)))


class TestBook:
    def test_takes_a_place_and_says_so(self, browse, mia, session):
        page = text_of(browse(mia).post(page_of(session, "book/"), follow=True))
        assert "You have a place on Spotting labour exploitation" in page
        assert Booking.objects.get().person == mia

    def test_says_when_one_has_a_place_already(self, browse, mia, session):
        client = browse(mia)
        client.post(page_of(session, "book/"))
        page = text_of(client.post(page_of(session, "book/"), follow=True))
        assert "You already have a place on this session." in page
        assert Booking.objects.count() == 1

    def test_says_when_it_is_full(self, browse, mia, otto, session):
        Session.objects.update(capacity=1)
        factories.place(Session.objects.get(), mia)
        assert "no places left" in text_of(browse(otto).post(page_of(session, "book/"), follow=True))
        assert "There are no places left" in text_of(browse(otto).get(page_of(session)))

    def test_needs_a_press_and_not_only_a_link(self, browse, mia, session):
        assert browse(mia).get(page_of(session, "book/")).status_code == 405
        assert not Booking.objects.exists()

    def test_answers_404_to_nell_and_403_to_the_auditor(self, browse, nell, dara, session):
        assert browse(nell).post(page_of(session, "book/")).status_code == 404
        assert browse(dara).post(page_of(session, "book/")).status_code == 403
        assert not Booking.objects.exists()


class TestCancel:
    def test_asks_first_and_then_frees_the_place(self, browse, mia, session):
        factories.place(session, mia)
        client = browse(mia)
        assert "Do you want to cancel your place?" in text_of(client.get(page_of(session, "cancel/")))
        assert Booking.objects.held().exists()
        assert "Your place is cancelled" in text_of(client.post(page_of(session, "cancel/"), follow=True))
        assert Session.objects.get().places_taken == 0

    def test_touches_no_place_but_ones_own(self, browse, mia, otto, session):
        factories.place(session, mia)
        browse(otto).post(page_of(session, "cancel/"))
        assert Booking.objects.held().get().person == mia


class TestAttendees:
    def test_shows_each_reader_their_part(self, request, browse, session, mia, ben, otto, haven, harbour):
        factories.place(session, ben, haven)
        factories.place(session, otto, harbour)
        expected = {
            "cora": {ben.name, otto.name},
            "dara": {ben.name, otto.name},
            "mia": {ben.name},
            "ben": {ben.name},
            "otto": {otto.name},
        }
        for name, names in expected.items():
            page = text_of(browse(request.getfixturevalue(name)).get(page_of(session, "attendees/")))
            table = page.split("<main")[1]
            assert {who for who in (ben.name, otto.name) if who in table} == names, name

    def test_says_whose_bookings_are_shown(self, browse, cora, mia, ben, haven, session):
        factories.place(session, ben, haven)
        for person, said in ((cora, "places are taken"), (mia, "your own agency’s"), (ben, "your own booking")):
            assert said in text_of(browse(person).get(page_of(session, "attendees/"))), person

    @pytest.mark.parametrize("name", ["asha", "nora", "ben"])
    def test_refuses_who_could_see_nobody(self, request, browse, name, mia, haven, session):
        factories.place(session, mia, haven)
        assert browse(request.getfixturevalue(name)).get(page_of(session, "attendees/")).status_code == 403

    def test_asks_as_many_queries_for_many_as_for_one(self, browse, cora, mia, ben, otto, haven, harbour, session):
        client = browse(cora)
        factories.place(session, ben, haven)
        few = queries(client, page_of(session, "attendees/"))
        factories.place(session, mia, haven)
        factories.place(session, otto, harbour)
        assert queries(client, page_of(session, "attendees/")) == few


class TestRunning:
    @pytest.mark.parametrize("name", NOT_RUNNING)
    def test_is_closed_to_everybody_else(self, request, browse, name, course, session, unannounced):
        client = browse(request.getfixturevalue(name))
        for address in (
            "/training/courses/new/",
            f"/training/courses/{course.pk}/sessions/new/",
            page_of(unannounced, "audience/"),
            page_of(unannounced, "announce/"),
            page_of(session, "progress/"),
            page_of(session, "call-off/"),
        ):
            assert client.get(address).status_code in {403, 404}, address
            assert client.post(address, {}).status_code in {403, 404, 405}, address
        assert Session.objects.filter(cancelled_at=None).count() == 2

    def test_leads_from_a_course_to_an_announced_session(self, browse, cora, mia, otto):
        client = browse(cora)
        added = client.post("/training/courses/new/", {
            "network": str(mia.appointments.get().agency.memberships.get().network_id),
            "title": "First signs", "summary": "What to look for.",
        })  # fmt: skip
        course = Course.objects.get()
        assert added["Location"] == f"/training/courses/{course.pk}/sessions/new/"
        year = str(timezone.localdate().year + 1)
        put_on = client.post(added["Location"], {
            "starts_at_day": "1", "starts_at_month": "7", "starts_at_year": year, "starts_at_time": "5:30pm",
            "ends_at": "7pm", "place": "Town hall", "capacity": "2",
        })  # fmt: skip
        session = Session.objects.get()
        assert put_on["Location"] == page_of(session, "audience/")
        assert "not announced yet" in text_of(client.get(page_of(session)))
        chosen = client.post(put_on["Location"], {"everyone": "on", "roles": ["lead"]})
        assert chosen["Location"] == page_of(session, "announce/")
        sheet = client.get(chosen["Location"])
        page = text_of(sheet)
        assert "2 people in 2 agencies" in page
        assert f"1 July {year}, 5:30pm to 7pm" in page
        assert not Recipient.objects.exists()
        client.post(chosen["Location"], {"sheet": sheet.context["sheet"]})
        assert {row.person for row in Recipient.objects.all()} == {mia, otto}
        assert "0 of 2 emails sent" in text_of(client.get(page_of(session)))
        assert client.get(page_of(session, "progress/")).json() == {
            "done": 0, "total": 2, "text": "0 of 2 emails sent", "finished": False,
        }  # fmt: skip

    def test_sends_nothing_when_the_sheet_is_not_the_one_that_was_seen(self, browse, cora, mia, unannounced):
        client = browse(cora)
        client.post(page_of(unannounced, "audience/"), {"everyone": "on", "roles": ["lead"]})
        page = text_of(client.post(page_of(unannounced, "announce/"), {"sheet": "0" * 64}, follow=True))
        assert "The people have changed" in page
        assert not Recipient.objects.exists()

    def test_says_what_to_put_right(self, browse, cora, course):
        page = text_of(browse(cora).post(f"/training/courses/{course.pk}/sessions/new/", {"capacity": "0"}))
        assert "There is a problem" in page

    def test_shows_a_refusal_at_its_field(self, browse, cora, course):
        response = browse(cora).post(f"/training/courses/{course.pk}/sessions/new/", {
            "starts_at_day": "1", "starts_at_month": "7", "starts_at_year": "2020", "starts_at_time": "5:30pm",
            "ends_at": "7pm", "place": "Town hall", "capacity": "2",
        })  # fmt: skip
        assert "must begin in the future" in str(response.context["form"].errors["starts_at"])

    def test_calls_a_session_off_after_a_question(self, browse, cora, mia, session):
        client = browse(cora)
        assert "cannot be undone" in text_of(client.get(page_of(session, "call-off/")))
        client.post(page_of(session, "call-off/"))
        page = text_of(browse(mia).get(page_of(session)))
        assert "called off" in page
        assert "Book a place" not in page
