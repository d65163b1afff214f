from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator

from accounts import codes
from demonstration import signing_in
from demonstration.people import PASSWORD, PEOPLE
from tests.accounts.conftest import is_in

pytestmark = pytest.mark.django_db
PRESS = "/demonstration/sign-in/"


class TestThePress:
    def test_is_one_step_with_a_fresh_factor(self, client, mia):
        page = client.get("/account/sign-in/?next=/directory/").content.decode()
        assert all(f"Sign in as {person.name}" in page for person in PEOPLE)
        answer = client.post(PRESS, {"person": mia.email, "next": "/directory/"})
        assert answer["Location"] == "/directory/"
        assert client.get("/account/your-sign-in/app/").status_code == 200

    @pytest.mark.parametrize("email", ["", "someone@lantern.example", "MIA@lantern.example", "mia@lantern.example "])
    def test_is_for_the_cast_only(self, client, mia, email):
        assert client.post(PRESS, {"person": email}).status_code == 404
        assert not is_in(client)

    def test_is_shut_to_a_closed_account(self, client, mia):
        type(mia).objects.filter(pk=mia.pk).update(is_active=False, closed_at=mia.joined_at)
        assert client.post(PRESS, {"person": mia.email}).status_code == 404

    def test_changes_nothing_by_being_opened(self, client, mia):
        assert client.get(PRESS, {"person": mia.email}).status_code == 405


class TestCodes:
    def test_are_shown_where_they_are_asked_for(self, client, mia):
        mia.set_password(PASSWORD)
        mia.save()
        signing_in.give_factors()
        client.post("/account/sign-in/", {"login": mia.email, "password": PASSWORD})
        shown = re.search(r"<strong>(\d{6})</strong>", client.get("/account/sign-in/code/").content.decode())[1]
        client.post("/account/sign-in/code/", {"code": shown})
        assert is_in(client)

    def test_are_shown_again_when_confirming(self, browse, mia):
        signing_in.give_factors()
        page = browse(mia, factor="stale").get("/account/your-sign-in/app/").content.decode()
        shown = re.search(r"<strong>(\d{6})</strong>", page)[1]
        assert codes.accept(mia, shown)

    def test_are_never_shown_for_anybody_real(self, browse, mia):
        type(mia).objects.filter(pk=mia.pk).update(email="mia@haven.example")
        mia.refresh_from_db()
        codes.keep_app(mia, codes.new_secret())
        page = browse(mia, factor="stale").get("/account/your-sign-in/app/").content.decode()
        assert "Confirm that it is you" in page
        assert "demonstration" not in page

    def test_are_given_once(self, mia):
        signing_in.give_factors()
        signing_in.give_factors()
        assert Authenticator.objects.filter(user=mia, type="totp").count() == 1
