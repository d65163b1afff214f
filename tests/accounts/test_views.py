from __future__ import annotations

import re

import pytest
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

pytestmark = pytest.mark.django_db
PASSWORD = "lanterns-in-the-harbour-42"


@pytest.fixture
def mia_with_password(mia):
    mia.set_password(PASSWORD)
    mia.save()
    return mia


def sign_in(client: Client, email: str, password: str = PASSWORD, **more):
    return client.post("/account/sign-in/", {"login": email, "password": password, **more})


class TestSignIn:
    def test_opens_the_first_page(self, client, mia_with_password):
        answer = sign_in(client, "MIA@lantern.example")
        assert (answer.status_code, answer["Location"]) == (302, "/")
        assert client.get("/").status_code == 200

    def test_goes_on_to_what_was_asked_for_but_never_to_another_site(self, client, mia_with_password):
        assert sign_in(client, mia_with_password.email, next="/directory/")["Location"] == "/directory/"
        assert sign_in(Client(), mia_with_password.email, next="https://evil.example/")["Location"] == "/"

    def test_refuses_a_wrong_password_and_an_unknown_address_in_the_same_words(self, client, mia_with_password):
        said = []
        for email in (mia_with_password.email, "nobody@lantern.example"):
            answer = sign_in(client, email, "wrong-password-altogether")
            assert answer.status_code == 200
            said.append(re.sub(rb'value="[^"]*"', b"", answer.content))
        assert said[0] == said[1]

    def test_refuses_a_closed_account(self, client, mia_with_password):
        mia_with_password.is_active, mia_with_password.closed_at = False, timezone.now()
        mia_with_password.save()
        answer = sign_in(client, mia_with_password.email)
        assert "_auth_user_id" not in client.session
        assert answer.status_code in {200, 302}

    def test_is_asked_of_who_opens_anything_else(self, client):
        answer = client.get("/directory/?q=x")
        assert answer["Location"] == "/account/sign-in/?next=/directory/%3Fq%3Dx"


class TestSignOut:
    def test_ends_the_session_by_post_only(self, browse, mia):
        client = browse(mia)
        assert client.get("/account/sign-out/").status_code == 405
        assert client.get("/").status_code == 200
        assert client.post("/account/sign-out/").status_code == 302
        assert client.get("/").status_code == 302


class TestPasswordReset:
    def test_walks_from_the_mail_to_a_new_password(self, client, mia_with_password):
        asked = client.post("/account/password/reset/", {"email": mia_with_password.email})
        assert asked["Location"] == "/account/password/reset/sent/"
        assert client.get(asked["Location"]).status_code == 200
        link = re.search(r"http://testserver(/account/password/reset/\S+/)", mail.outbox[0].body)[1]
        form = client.get(link, follow=True)
        address = form.redirect_chain[-1][0]
        assert "set-password" in address
        new = "quite-another-password-7"
        done = client.post(address, {"password1": new, "password2": new}, follow=True)
        assert done.redirect_chain[-1][0] == "/account/password/reset/done/"
        assert sign_in(Client(), mia_with_password.email, new).status_code == 302
        assert sign_in(Client(), mia_with_password.email).status_code == 200

    def test_does_not_say_who_has_an_account_and_writes_to_no_stranger(self, client, mia_with_password):
        known = client.post("/account/password/reset/", {"email": mia_with_password.email})
        unknown = client.post("/account/password/reset/", {"email": "stranger@lantern.example"})
        assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
        assert [message.to for message in mail.outbox] == [[mia_with_password.email]]

    def test_explains_a_link_that_no_longer_works(self, client):
        assert client.get("/account/password/reset/1-bad-key/").status_code == 200


class TestChangePassword:
    def test_keeps_the_session_and_changes_the_password(self, browse, mia_with_password):
        client = browse(mia_with_password)
        new = "quite-another-password-7"
        client.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
        mia_with_password.refresh_from_db()
        assert mia_with_password.check_password(new)
        assert client.get("/").status_code == 200

    def test_sends_who_has_no_password_to_the_mail(self, browse, ben):
        answer = browse(ben).get("/account/password/change/", follow=True)
        assert answer.redirect_chain[-1][0] == "/account/password/reset/"


class TestOtherAddresses:
    @pytest.mark.parametrize("name", ["account_signup", "account_email", "account_reauthenticate", "mfa_index"])
    def test_are_not_there(self, name):
        with pytest.raises(NoReverseMatch):
            reverse(name)

    @pytest.mark.parametrize("path", ["", "signup/", "sign-up/", "email/", "login/", "reauthenticate/", "3rdparty/"])
    def test_answer_as_not_existing(self, path, client, browse, mia):
        for visitor in (client, browse(mia)):
            assert visitor.get(f"/account/{path}").status_code == 404

    def test_says_so_where_an_account_is_closed(self, client):
        assert client.get("/account/closed/").status_code == 200
