from __future__ import annotations

import time

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.test import Client

from accounts import sessions, tasks
from accounts.models import SignIn
from tests.accounts.conftest import PASSWORD, is_in

pytestmark = pytest.mark.django_db
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"


def sign_in(person, code: str, agent: str = "") -> Client:
    client = Client(headers={"user-agent": agent})
    client.post("/account/sign-in/", {"login": person.email, "password": PASSWORD})
    client.post("/account/sign-in/code/", {"code": code})
    assert is_in(client)
    return client


@pytest.fixture
def here(mia, password, recovery_codes) -> Client:
    return sign_in(mia, recovery_codes[0])


@pytest.fixture
def there(mia, here, recovery_codes) -> Client:
    return sign_in(mia, recovery_codes[1], PHONE)


class TestPlaces:
    def test_lists_this_one_first_with_its_device_in_words(self, mia, here, there):
        found = sessions.places(mia, here.session.session_key)
        assert [(place.is_here, place.device) for place in found] == [
            (True, "Another device"),
            (False, "Safari on an iPhone"),
        ]
        page = here.get("/account/your-sign-in/").content.decode()
        assert "Safari on an iPhone" in page
        assert PHONE not in page

    def test_leaves_out_what_is_over(self, mia, here, there):
        session = there.session
        session[sessions.SEEN] = time.time() - 3600
        session.save()
        assert [place.is_here for place in sessions.places(mia, here.session.session_key)] == [True]

    def test_keeps_no_address_and_no_whole_user_agent(self, mia, there):
        row = SignIn.objects.get(device__contains="iPhone")
        assert {field.name for field in row._meta.fields} == {"id", "person", "session_key", "device", "began_at"}

    def test_costs_two_queries_for_any_number(self, mia, here, there, django_assert_num_queries):
        with django_assert_num_queries(2):
            sessions.places(mia, None)


class TestEnd:
    def test_ends_one_place_and_leaves_the_others(self, mia, here, there):
        [other] = [place for place in sessions.places(mia, here.session.session_key) if not place.is_here]
        assert here.post(f"/account/your-sign-in/places/{other.pk}/end/").status_code == 302
        asked = there.get("/directory/", follow=True)
        assert asked.redirect_chain == [("/account/sign-in/?next=/directory/", 302)]
        assert b"You are not signed in any more" in asked.content
        assert b"You are not signed in any more" not in there.get("/account/sign-in/").content
        assert is_in(here)

    def test_ends_nobody_elses(self, mia, here, browse, ben):
        [row] = SignIn.objects.filter(person=mia)
        assert browse(ben).post(f"/account/your-sign-in/places/{row.pk}/end/").status_code == 404
        assert is_in(here)

    def test_lets_no_request_under_way_bring_it_back(self, mia, here, there):
        under_way = there.session
        under_way["x"] = 1
        sessions.end(SignIn.objects.get(session_key=under_way.session_key))
        with pytest.raises(UpdateError):
            under_way.save()
        assert not is_in(there)


class TestEndAll:
    def test_ends_this_place_as_well(self, mia, here, there):
        answer = here.post("/account/your-sign-in/places/end/")
        assert answer["Location"] == "/account/sign-in/"
        assert not is_in(here)
        assert not is_in(there)
        assert not SignIn.objects.exists()

    def test_reaches_a_session_that_no_row_speaks_of(self, mia, here):
        SignIn.objects.all().delete()
        sessions.end_all(mia)
        assert not is_in(here)

    def test_does_not_keep_one_from_signing_in_again(self, mia, here, recovery_codes):
        sessions.end_all(mia)
        time.sleep(0.01)
        sign_in(mia, recovery_codes[2])


class TestForgetEnded:
    def test_clears_away_what_is_over_and_nothing_else(self, mia, here, there):
        Session.objects.filter(session_key=there.session.session_key).delete()
        tasks.forget_ended()
        assert list(SignIn.objects.values_list("session_key", flat=True)) == [here.session.session_key]
        assert is_in(here)
