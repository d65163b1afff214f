from __future__ import annotations

import datetime as dt
import time
from itertools import product

import pytest
from django.utils import timezone

from accounts import sessions
from accounts.middleware import OPEN_WITHOUT_FACTOR
from tests import world
from tests.conftest import CAST
from tests.doors import PLACES
from tests.factories import sign_in
from tests.test_doors import NOT_ADDRESSES, address

pytestmark = pytest.mark.django_db


class TestSecondFactor:
    """A password alone opens nothing."""

    @pytest.fixture
    def everything(self, request, durham, haven, council_agency) -> dict[str, str]:
        """One address for each route but those that are open, and those that ask nobody who they are."""
        made = world.build({n: request.getfixturevalue(n) for n in CAST}, durham, haven, council_agency)
        chosen = {route: which for route, which in PLACES if route not in OPEN_WITHOUT_FACTOR | NOT_ADDRESSES}
        return {route: address(made, route, which) for route, which in chosen.items()}

    def test_is_asked_for_at_every_address_by_every_method(self, everything, browse, ben):
        client = browse(ben, factor=None)
        for method, (route, url) in product(("get", "post", "put", "delete", "head", "options"), everything.items()):
            answer = getattr(client, method)(url)
            if route.startswith("api:"):
                found = (answer.status_code, answer.headers["Content-Type"])
                assert found == (403, "application/problem+json"), (method, route)
            else:
                assert answer.status_code == 302, (method, route)
                assert answer["Location"].startswith("/account/set-up/?next="), (method, route)

    def test_is_the_existing_one_where_the_person_has_one(self, everything, browse, mia):
        client = browse(mia, factor=None)
        for route, url in everything.items():
            answer = client.get(url)
            assert answer.status_code == 403, route
            assert b"Give your second factor" in answer.content or route.startswith("api:"), route

    def test_leaves_a_short_list_open(self, browse, mia):
        assert len(OPEN_WITHOUT_FACTOR) <= 10
        client = browse(mia, factor=None)
        for path in ("/privacy/", "/cookies/", "/accessibility/", "/healthz", "/account/set-up/"):
            assert client.get(path).status_code == 200, path

    def test_shows_no_menu_on_the_pages_that_are_open(self, browse, mia):
        page = browse(mia, factor=None).get("/account/set-up/").content.decode()
        assert "Sign out" in page
        assert "/directory/" not in page

    def test_tells_scripts_what_is_missing(self, browse, mia):
        answer = browse(mia, factor=None).get("/api/v1/listings/")
        assert answer.json()["code"] == "second_factor_needed"

    def test_sends_a_browser_at_the_api_to_the_set_up(self, browse, mia):
        answer = browse(mia, factor=None).get("/api/v1/", headers={"accept": "text/html,*/*"})
        assert answer.status_code in {302, 404}

    def test_is_not_taken_from_another_persons_session(self, browse, mia, ben):
        client = browse(mia)
        session = client.session
        session["account_authentication_methods_user"] = str(ben.pk)
        session.save()
        assert client.get("/").status_code == 302


class TestSessionLimits:
    @staticmethod
    def aged(client, *, began: float = 0, seen: float = 0):
        session, now = client.session, time.time()
        session[sessions.BEGAN], session[sessions.SEEN] = now - began, now - seen
        session.save()
        return client

    @pytest.mark.parametrize(
        ("ages", "why"),
        [
            ({"began": 1900, "seen": 1801}, "not used Lantern for 30 minutes"),
            ({"began": 12 * 3600 + 1}, "lasts 12 hours at most"),
        ],
    )
    def test_end_it_say_why_and_lead_back(self, browse, mia, ages, why):
        client = self.aged(browse(mia), **ages)
        answer = client.get("/directory/?q=beds")
        assert answer["Location"] == "/account/sign-in/?next=/directory/%3Fq%3Dbeds"
        page = client.get(answer["Location"]).content.decode()
        assert why in page
        assert 'value="/directory/?q=beds"' in page
        assert client.get("/").status_code == 302

    def test_let_it_go_on_before_that(self, browse, mia):
        client = self.aged(browse(mia), began=11 * 3600, seen=1700)
        assert client.get("/").status_code == 200
        assert time.time() - client.session[sessions.SEEN] < 60, "using it does not make it go on"

    def test_ask_nothing_of_the_database(self, browse, mia, django_assert_num_queries):
        client = browse(mia)
        with django_assert_num_queries(4):  # the session, the person, their roles for the menu, the helplines
            client.get("/account/password/reset/sent/")

    @pytest.mark.parametrize("missing", [sessions.BEGAN, sessions.SEEN])
    def test_end_a_session_that_does_not_say_how_old_it_is(self, browse, mia, missing):
        client = browse(mia)
        session = client.session
        del session[missing]
        session.save()
        assert client.get("/").status_code == 302

    def test_end_what_began_before_everything_was_ended_also_where_we_lost_sight_of_it(self, browse, mia):
        client = browse(mia)
        type(mia).objects.filter(pk=mia.pk).update(signed_out_at=timezone.now() + dt.timedelta(seconds=1))
        assert client.get("/").status_code == 302

    def test_answer_a_script_as_nobody(self, browse, mia):
        assert self.aged(browse(mia), began=13 * 3600).get("/api/v1/listings/").status_code == 401

    def test_leave_nobodys_session_alone(self, client):
        assert client.get("/account/sign-in/").status_code == 200


class TestSignInFirst:
    ACKNOWLEDGE, PAGE = "/alerts/DUR-2026-0042/acknowledge/", "http://testserver/alerts/DUR-2026-0042/?from=mail"

    def test_after_a_press_leads_back_to_the_page_with_the_button_and_says_that_it_was_not_done(self, client):
        answer = client.post(self.ACKNOWLEDGE, headers={"referer": self.PAGE})
        assert answer["Location"] == "/account/sign-in/?next=/alerts/DUR-2026-0042/%3Ffrom%3Dmail"
        assert "What you pressed was not done" in client.get(answer["Location"]).content.decode()

    @pytest.mark.parametrize(
        "referer", ["", "http://evil.example/nowhere/", "http://evil.example//evil.example/", "javascript:1"]
    )
    def test_leads_nowhere_else(self, client, referer):
        answer = client.post(self.ACKNOWLEDGE, headers={"referer": referer})
        assert answer["Location"] == "/account/sign-in/?next=/"

    def test_says_nothing_of_a_press_where_there_was_none(self, client):
        answer = client.get("/alerts/DUR-2026-0042/")
        assert answer["Location"] == "/account/sign-in/?next=/alerts/DUR-2026-0042/"
        assert "What you pressed" not in client.get(answer["Location"]).content.decode()


class TestPrivatePages:
    def test_e65_e67_are_stored_nowhere(self, browse, mia, otto):
        """What Mia was shown is in no cache for Otto, nor behind the back button."""
        for person in (mia, otto):
            for path in ("/", "/directory/", "/account/your-sign-in/", "/account/your-sign-in/app/", "/nothing/"):
                kept = browse(person).get(path).headers["Cache-Control"]
                assert {"no-store", "private"} <= set(kept.split(", ")), path

    def test_e65_show_nobody_elses_name(self, mia, otto, client):
        for person, other in ((mia, otto), (otto, mia)):
            page = sign_in(client, person).get("/account/your-sign-in/").content.decode()
            assert other.email not in page
