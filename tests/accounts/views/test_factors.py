from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts import codes, sealing
from accounts.views.factors import SECRET, WAITING
from audit.models import Entry
from tests.accounts.conftest import held_by, is_in
from tests.factories import sign_in

pytestmark = pytest.mark.django_db


def waiting(client: Client) -> str:
    """The secret that this browser is setting up."""
    return sealing.unseal(client.session[SECRET], WAITING)


def code_for(secret: str) -> str:
    return codes.code_of(Authenticator(data={"secret": sealing.seal(secret, codes.PURPOSE)}))


def set_up(client: Client, **more):
    client.get("/account/your-sign-in/app/")
    return client.post("/account/your-sign-in/app/", {"code": code_for(waiting(client)), **more})


class TestTheFirstTime:
    def test_walks_from_the_password_to_where_one_was_going(self, step_by_step, mia):
        client = step_by_step
        choose = client.get("/directory/", follow=True)
        assert choose.redirect_chain == [("/account/set-up/?next=%2Fdirectory%2F", 302)]
        page = choose.content.decode()
        assert "/account/your-sign-in/app/?next=%2Fdirectory%2F" in page
        shown = client.get("/account/your-sign-in/app/?next=%2Fdirectory%2F").content.decode()
        assert codes.in_groups(waiting(client)) in shown
        assert '<svg class="lantern-qr"' in shown
        done = set_up(client, next="/directory/")
        assert done.status_code == 200
        assert len(re.findall(r"<code[^>]*>\d{4} \d{4}</code>", done.content.decode())) == 10
        assert 'href="/directory/"' in done.content.decode()
        assert client.get("/directory/").status_code == 200
        assert held_by(mia) == {"totp", "recovery_codes"}

    def test_gives_codes_that_work_the_next_time(self, step_by_step, mia, password):
        shown = re.findall(r"<code[^>]*>(\d{4} \d{4})</code>", set_up(step_by_step).content.decode())
        client = Client()
        client.post("/account/sign-in/", {"login": mia.email, "password": password})
        client.post("/account/sign-in/code/", {"code": shown[9]})
        assert is_in(client)

    def test_uses_up_the_code_it_took(self, step_by_step, mia, password):
        step_by_step.get("/account/your-sign-in/app/")
        code = code_for(waiting(step_by_step))
        step_by_step.post("/account/your-sign-in/app/", {"code": code})
        client = Client()
        client.post("/account/sign-in/", {"login": mia.email, "password": password})
        assert client.post("/account/sign-in/code/", {"code": code}).status_code == 200

    def test_keeps_the_secret_sealed_while_it_waits(self, step_by_step):
        step_by_step.get("/account/your-sign-in/app/")
        assert waiting(step_by_step) not in str(dict(step_by_step.session.items()))

    def test_shows_the_same_secret_when_the_page_is_loaded_again(self, step_by_step):
        step_by_step.get("/account/your-sign-in/app/")
        first = waiting(step_by_step)
        step_by_step.post("/account/your-sign-in/app/", {"code": "000000"})
        step_by_step.get("/account/your-sign-in/app/")
        assert waiting(step_by_step) == first

    def test_is_over_once_there_is_a_factor(self, browse, mia, app):
        answer = browse(mia).get("/account/set-up/")
        assert answer["Location"] == "/account/your-sign-in/"


class TestE59Steps:
    """Each step of setting up replayed, skipped, emptied, re-ordered."""

    def test_e59_skipped_the_code(self, step_by_step):
        step_by_step.get("/account/your-sign-in/app/")
        assert not is_in(step_by_step)

    @pytest.mark.parametrize("sent", [{}, {"code": ""}, {"code": "000000"}, {"secret": "A" * 32, "code": "000000"}])
    def test_e59_emptied(self, step_by_step, mia, sent):
        assert step_by_step.post("/account/your-sign-in/app/", sent).status_code == 200
        assert held_by(mia) == set()

    @pytest.mark.parametrize(
        "sent", [{}, {"credential": "", "name": "x"}, {"credential": "{}", "name": "x"}, {"credential": "[]"}]
    )
    def test_e59_emptied_passkeys(self, step_by_step, mia, sent):
        assert step_by_step.post("/account/your-sign-in/passkey/", sent).status_code == 200
        assert held_by(mia) == set()

    def test_e59_reordered_a_password_alone_adds_nothing_to_what_is_there(self, step_by_step, mia):
        """Two browsers gave the password before there was a factor. Once one has set it up, the other must give it."""
        set_up(step_by_step)
        other = sign_in(Client(), mia, None)
        for path in ("app/", "passkey/", "recovery-codes/"):
            assert other.post(f"/account/your-sign-in/{path}", {"code": "1"}).status_code == 403
        assert other.get("/account/set-up/").status_code == 403
        assert Authenticator.objects.filter(user=mia, type="totp").count() == 1

    def test_e59_replayed_a_set_up_that_is_over_needs_a_fresh_factor(self, browse, mia, app):
        client = browse(mia, factor="stale")
        assert client.get("/account/your-sign-in/app/").status_code == 403
        assert SECRET not in client.session

    def test_e59_a_secret_of_ones_own_is_not_taken(self, step_by_step, mia):
        mine = codes.new_secret()
        step_by_step.get("/account/your-sign-in/app/")
        step_by_step.post("/account/your-sign-in/app/", {"secret": mine, "code": code_for(mine)})
        assert held_by(mia) == set()


class TestOverview:
    def test_shows_what_there_is(self, browse, mia, app, recovery_codes):
        page = browse(mia).get("/account/your-sign-in/").content.decode()
        assert "Authenticator app" in page
        assert "10 of your codes" in page
        assert "Remove" not in page, "the only factor cannot be removed"

    def test_costs_the_same_with_many_factors_and_places(self, browse, mia, app, django_assert_max_num_queries):
        for n in range(6):
            Authenticator.objects.create(user=mia, type="webauthn", data={"name": f"Key {n}", "credential": {}})
        client = browse(mia)
        with django_assert_max_num_queries(9):
            assert client.get("/account/your-sign-in/").status_code == 200


class TestApp:
    def test_takes_the_place_of_the_app_before(self, browse, mia, app, recovery_codes):
        client = browse(mia)
        assert set_up(client)["Location"] == "/account/your-sign-in/"
        assert Authenticator.objects.get(user=mia, type="totp").pk != app.pk


class TestRecoveryCodes:
    def test_are_made_anew_and_shown_in_the_answer_only(self, browse, mia, app, recovery_codes):
        client = browse(mia)
        shown = re.findall(
            r"<code[^>]*>(\d{4} \d{4})</code>", client.post("/account/your-sign-in/recovery-codes/").content.decode()
        )
        assert len(shown) == 10
        assert not set(shown) & set(recovery_codes)
        assert client.get("/account/your-sign-in/recovery-codes/").status_code == 405
        assert not any(code in client.get("/account/your-sign-in/").content.decode() for code in shown)

    def test_need_a_fresh_factor(self, browse, mia, recovery_codes):
        assert browse(mia, factor="stale").post("/account/your-sign-in/recovery-codes/").status_code == 403
        assert codes.accept(mia, recovery_codes[0])


class TestRemove:
    @pytest.fixture
    def passkey(self, mia) -> Authenticator:
        return Authenticator.objects.create(user=mia, type="webauthn", data={"name": "Work laptop", "credential": {}})

    def test_asks_first_and_then_takes_it_away(self, browse, mia, app, passkey):
        client = browse(mia)
        there = f"/account/your-sign-in/factors/{app.pk}/remove/"
        assert b"Remove it?" in client.get(there).content
        assert client.post(there)["Location"] == "/account/your-sign-in/"
        assert held_by(mia) == {"webauthn"}
        assert Entry.objects.filter(verb="factor.remove", actor_id=mia.pk).count() == 1

    def test_leaves_the_last_one(self, browse, mia, app):
        answer = browse(mia).post(f"/account/your-sign-in/factors/{app.pk}/remove/", follow=True)
        assert b"You cannot remove your only second factor" in answer.content
        assert held_by(mia) == {"totp"}

    def test_needs_a_fresh_factor(self, browse, mia, app, passkey):
        passkey.delete()
        assert browse(mia, factor="stale").get(f"/account/your-sign-in/factors/{app.pk}/remove/").status_code == 403
        assert browse(mia, factor="stale").post(f"/account/your-sign-in/factors/{app.pk}/remove/").status_code == 403

    def test_knows_nobody_elses_and_no_recovery_codes(self, browse, mia, ben, app, recovery_codes):
        kept = Authenticator.objects.get(user=mia, type="recovery_codes")
        theirs = codes.keep_app(ben, codes.new_secret())
        for number in (theirs.pk, kept.pk, 0):
            assert browse(mia).post(f"/account/your-sign-in/factors/{number}/remove/").status_code == 404
