from __future__ import annotations

import re
from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import get_hasher
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse

from accounts import codes, sessions
from tests.accounts.conftest import PASSWORD, is_in

pytestmark = pytest.mark.django_db
WRONG = "wrong-password-altogether"


def sign_in(client: Client, email: str, password: str = PASSWORD, **more):
    return client.post("/account/sign-in/", {"login": email, "password": password, **more})


def give(client: Client, code: str):
    return client.post("/account/sign-in/code/", {"code": code})


def bare(answer) -> bytes:
    """The page without what differs on each: the token, and what was typed."""
    return re.sub(rb'value="[^"]*"', b"", answer.content)


class TestSignIn:
    def test_takes_the_password_then_a_code_then_goes_where_one_was_going(self, client, mia, password, code):
        asked = sign_in(client, "MIA@lantern.example", next="/directory/")
        assert asked["Location"] == "/account/sign-in/code/"
        assert not is_in(client)
        assert client.get(asked["Location"]).status_code == 200
        done = give(client, code())
        assert (done.status_code, done["Location"]) == (302, "/directory/")
        assert is_in(client)

    def test_takes_a_recovery_code_in_place_of_one(self, step_by_step, app, mia, password, recovery_codes):
        client = Client()
        sign_in(client, mia.email)
        assert give(client, recovery_codes[0])["Location"] == "/"
        assert is_in(client)

    def test_leads_who_has_no_second_factor_to_set_one_up(self, client, mia, password):
        sign_in(client, mia.email, next="/directory/")
        assert client.get("/directory/")["Location"] == "/account/set-up/?next=%2Fdirectory%2F"

    def test_refuses_a_wrong_an_empty_and_a_used_code(self, client, mia, password, code):
        shown = code()
        sign_in(client, mia.email)
        for typed in ("000000", "", "  ", "abc", shown[:5], "\x00"):
            assert give(client, typed).status_code == 200
        assert give(client, shown).status_code == 302
        again = Client()
        sign_in(again, mia.email)
        assert give(again, shown).status_code == 200
        assert not is_in(again)

    def test_is_asked_of_who_opens_anything_else(self, client):
        answer = client.get("/directory/?q=x")
        assert answer["Location"] == "/account/sign-in/?next=/directory/%3Fq%3Dx"

    def test_begins_a_new_session(self, client, mia, password, code):
        client.get("/account/sign-in/")
        sign_in(client, mia.email)
        before = client.session.session_key
        give(client, code())
        assert client.session.session_key != before


class TestE59Steps:
    """Each step of signing in replayed, skipped, emptied, re-ordered."""

    def test_e59_skipped_the_code(self, client, mia, password, app):
        sign_in(client, mia.email)
        for path in ("/", "/directory/", "/account/your-sign-in/", "/account/set-up/", "/account/your-sign-in/app/"):
            answer = client.get(path)
            assert answer.status_code == 302
            assert answer["Location"].startswith("/account/sign-in/")

    def test_e59_skipped_the_password(self, client, code):
        assert give(client, code())["Location"] == "/account/sign-in/"
        assert not is_in(client)

    @pytest.mark.parametrize(
        "sent", [{}, {"code": ""}, {"credential": ""}, {"credential": "{}"}, {"next": "/"}, {"x": 1}]
    )
    def test_e59_emptied(self, client, mia, password, app, sent):
        sign_in(client, mia.email)
        assert client.post("/account/sign-in/code/", sent).status_code == 200
        assert not is_in(client)

    @pytest.mark.parametrize(
        "sent", ["[]", "null", '"x"', "1", '{"response": {"userHandle": "AA"}}', "{", '{"response": 1}']
    )
    def test_e59_emptied_passkeys(self, client, mia, password, app, sent):
        assert client.post("/account/sign-in/passkey/", {"credential": sent}).status_code == 302
        sign_in(client, mia.email)
        assert client.post("/account/sign-in/code/", {"credential": sent}).status_code == 200
        assert not is_in(client)

    def test_e59_reordered_the_code_of_one_with_the_password_of_another(self, client, mia, ben, password, app):
        ben.set_password(PASSWORD)
        ben.save()
        his = codes.keep_app(ben, codes.new_secret())
        sign_in(client, mia.email)
        assert give(client, codes.code_of(his)).status_code == 200
        assert not is_in(client)
        other = Client()
        sign_in(other, ben.email)
        assert give(other, codes.code_of(app)).status_code == 200
        assert not is_in(other)

    def test_e59_reordered_the_step_in_hand_can_be_left(self, client, mia, password, app):
        sign_in(client, mia.email)
        assert client.get("/account/sign-in/")["Location"] == "/account/sign-in/code/"
        client.post("/account/sign-out/")
        assert client.get("/account/sign-in/").status_code == 200
        assert give(client, codes.code_of(app))["Location"] == "/account/sign-in/"

    def test_e59_replayed_the_session_of_before_the_code(self, client, mia, password, code):
        sign_in(client, mia.email)
        copied = client.cookies["sessionid"].value
        give(client, code())
        thief = Client()
        thief.cookies["sessionid"] = copied
        assert not is_in(thief)

    def test_e59_replayed_after_signing_out(self, client, mia, password, code):
        sign_in(client, mia.email)
        give(client, code())
        copied = client.cookies["sessionid"].value
        client.post("/account/sign-out/")
        thief = Client()
        thief.cookies["sessionid"] = copied
        assert not is_in(thief)


class TestE62TheSameAnswer:
    """For a known, an unknown and a closed account: the same text, status and work."""

    @pytest.fixture
    def kinds(self, mia, ben, password) -> dict[str, str]:
        ben.set_password(PASSWORD)
        ben.save()
        type(ben).objects.filter(pk=ben.pk).update(is_active=False, closed_at=ben.joined_at)
        return {"known": mia.email, "unknown": "nobody@lantern.example", "closed": ben.email}

    def test_e62_in_text_and_status(self, kinds):
        for password in (WRONG, PASSWORD):
            wrong = {who: email for who, email in kinds.items() if (who, password) != ("known", PASSWORD)}
            answers = [sign_in(Client(), email, password) for email in wrong.values()]
            assert {answer.status_code for answer in answers} == {200}
            assert len({bare(answer) for answer in answers}) == 1

    def test_e62_in_work(self, kinds):
        done = {}
        for who, email in kinds.items():
            hasher = type(get_hasher())
            with (
                patch.object(hasher, "encode", autospec=True, side_effect=hasher.encode) as made,
                patch.object(hasher, "verify", autospec=True, side_effect=hasher.verify) as checked,
                CaptureQueriesContext(connection) as asked,
            ):
                sign_in(Client(), email, WRONG)
            done[who] = (made.call_count + checked.call_count, len(asked))
        assert set(done.values()) == {done["known"]}, done
        assert done["known"][0] == 1

    def test_e62_also_where_the_second_step_would_come(self, kinds, app):
        """Who has a factor is not told by a wrong password either."""
        assert bare(sign_in(Client(), kinds["known"], WRONG)) == bare(sign_in(Client(), kinds["unknown"], WRONG))


class TestLockOuts:
    @pytest.fixture(autouse=True)
    def on(self, settings) -> Callable[[], None]:
        settings.ACCOUNT_RATE_LIMITS = {"login_failed": "10/5m/ip,5/5m/key"}
        cache.clear()
        yield
        cache.clear()

    def test_stop_guessing_at_one_address_from_many_places(self, mia, password, app):
        for n in range(5):
            sign_in(Client(REMOTE_ADDR=f"192.0.2.{n}"), mia.email, WRONG)
        answer = sign_in(Client(REMOTE_ADDR="192.0.2.99"), mia.email)
        assert b"too many tries" in answer.content

    def test_say_the_same_of_an_address_that_is_nobodys(self, mia, password):
        said = []
        for email in (mia.email, "nobody@lantern.example"):
            cache.clear()
            said.append([bare(sign_in(Client(), email, WRONG)) for _ in range(7)])
        assert said[0] == said[1]
        assert b"too many tries" in said[0][-1]

    def test_stop_guessing_at_many_addresses_from_one_place(self, mia, password):
        for n in range(10):
            sign_in(Client(), f"person{n}@lantern.example", WRONG)
        assert b"too many tries" in sign_in(Client(), mia.email).content
        assert sign_in(Client(REMOTE_ADDR="192.0.2.1"), mia.email).status_code == 302

    def test_are_not_lifted_by_ones_own_right_password(self, mia, ben, password):
        ben.set_password(PASSWORD)
        ben.save()
        for n in range(10):
            sign_in(Client(), f"person{n}@lantern.example", WRONG)
            if n == 8:
                assert sign_in(Client(), ben.email).status_code == 302
        assert b"too many tries" in sign_in(Client(), mia.email).content

    def test_stop_guessing_at_codes(self, client, mia, password, code):
        sign_in(client, mia.email)
        for _ in range(5):
            assert b"not right" in give(client, "000000").content
        answer = give(client, code())
        assert b"too many tries" in answer.content
        assert not is_in(client)

    def test_stop_guessing_at_codes_also_when_confirming(self, browse, mia, code):
        client = browse(mia, factor="stale")
        for _ in range(5):
            client.post("/account/confirm/", {"confirm-code": "000000"})
        answer = client.post("/account/confirm/", {"confirm-code": code()})
        assert answer.status_code == 403
        assert b"too many tries" in answer.content

    def test_do_not_count_right_codes(self, mia, password, recovery_codes):
        for code in recovery_codes[:6]:
            client = Client()
            sign_in(client, mia.email)
            assert give(client, code).status_code == 302


class TestE61WhereSomebodyIs:
    """Which address counts, and what a visitor may claim about it."""

    @pytest.fixture(autouse=True)
    def on(self, settings):
        settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/5m/ip"}
        cache.clear()
        yield
        cache.clear()

    def tries(self, claims, **more) -> bool:
        """Whether the fourth try from one place is stopped, each claiming to come from another."""
        for claim in claims[:3]:
            sign_in(Client(headers={"x-forwarded-for": claim}, **more), "nobody@lantern.example", WRONG)
        last = sign_in(Client(headers={"x-forwarded-for": claims[3]}, **more), "other@lantern.example", WRONG)
        return b"too many tries" in last.content

    def test_e61_without_a_proxy_of_ours_no_header_is_believed(self):
        assert self.tries([f"192.0.2.{n}" for n in range(4)])

    def test_e61_behind_our_proxy_only_what_the_proxy_added_is(self, settings):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        assert self.tries([f"203.0.113.{n}, 192.0.2.7" for n in range(4)])

    @pytest.mark.parametrize(
        "claim", ["garbage", "1.2.3.4.5", "<script>", "unknown", "999.1.1.1", ", ,", "::::", "", "2001:db8::1::2"]
    )
    def test_e61_garbage_opens_nothing(self, settings, mia, password, claim):
        settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
        client = Client(headers={"x-forwarded-for": claim}, raise_request_exception=False)
        assert sign_in(client, mia.email).status_code == 403
        assert not is_in(client)


class TestSignOut:
    def test_ends_the_session_by_post_only(self, browse, mia):
        client = browse(mia)
        assert client.get("/account/sign-out/").status_code == 405
        assert is_in(client)
        assert client.post("/account/sign-out/").status_code == 302
        assert not is_in(client)

    def test_is_possible_before_the_second_factor(self, browse, mia):
        assert browse(mia, factor=None).post("/account/sign-out/")["Location"] == "/account/sign-in/"


class TestChangePassword:
    NEW = "quite-another-password-7"

    def test_keeps_this_session_and_ends_the_others(self, mia, password, recovery_codes):
        here, there = Client(), Client()
        for client, code in ((here, recovery_codes[0]), (there, recovery_codes[1])):
            sign_in(client, mia.email)
            give(client, code)
        here.post("/account/password/change/", {"oldpassword": password, "password1": self.NEW})
        mia.refresh_from_db()
        assert mia.check_password(self.NEW)
        assert is_in(here)
        assert not is_in(there)
        assert [place.is_here for place in sessions.places(mia, here.session.session_key)] == [True]

    def test_sends_who_has_no_password_to_the_mail(self, browse, ben):
        answer = browse(ben).get("/account/password/change/", follow=True)
        assert answer.redirect_chain[-1][0] == "/account/password/reset/"


class TestOtherAddresses:
    @pytest.mark.parametrize(
        "name",
        [
            "account_signup",
            "account_email",
            "account_reauthenticate",
            "mfa_index",
            "mfa_activate_totp",
            "mfa_view_recovery_codes",
        ],
    )
    def test_are_not_there(self, name):
        with pytest.raises(NoReverseMatch):
            reverse(name)

    @pytest.mark.parametrize(
        "path", ["", "signup/", "email/", "login/", "reauthenticate/", "3rdparty/", "2fa/", "social/"]
    )
    def test_answer_as_not_existing(self, path, client, browse, mia):
        for visitor in (client, browse(mia)):
            assert visitor.get(f"/account/{path}").status_code == 404

    def test_says_so_where_an_account_is_closed(self, client):
        assert client.get("/account/closed/").status_code == 200
