from __future__ import annotations

import json
import re
from html import unescape

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.accounts.conftest import PASSWORD, held_by, is_in
from tests.accounts.softkey import PRESENT, VERIFIED, SoftKey
from tests.factories import sign_in

pytestmark = pytest.mark.django_db
SET_UP, CODE, DIRECT = "/account/your-sign-in/passkey/", "/account/sign-in/code/", "/account/sign-in/passkey/"


def options(page) -> dict:
    """What the page tells the browser to ask of the passkey."""
    return json.loads(unescape(re.search(r'data-options="([^"]*)"', page.content.decode())[1]))


def set_up(client: Client, key: SoftKey, **how) -> int:
    asked = options(client.get(SET_UP))
    return client.post(SET_UP, {"name": "Work laptop", "credential": key.make(asked, **how)}).status_code


@pytest.fixture
def key(mia, password) -> SoftKey:
    """Mia's passkey, made in her first session."""
    made = SoftKey()
    assert set_up(sign_in(Client(), mia, None), made) == 200
    return made


@pytest.fixture
def second_step(client, mia, key) -> Client:
    client.post("/account/sign-in/", {"login": mia.email, "password": PASSWORD})
    return client


class TestSettingUp:
    def test_opens_the_door_and_brings_recovery_codes(self, browse, mia):
        client = browse(mia, factor=None)
        assert set_up(client, SoftKey()) == 200
        assert is_in(client)
        assert held_by(mia) == {"webauthn", "recovery_codes"}
        assert Authenticator.objects.get(type="webauthn").data["name"] == "Work laptop"

    @pytest.mark.parametrize(
        ("key", "how"),
        [
            (SoftKey(site="evil.example"), {}),
            (SoftKey(), {"flags": PRESENT}),  # nobody's finger or PIN
            (SoftKey(), {"flags": VERIFIED}),
        ],
    )
    def test_takes_none_for_another_site_or_of_nobody(self, browse, mia, key, how):
        assert set_up(browse(mia, factor=None), key, **how) == 200
        assert held_by(mia) == set()

    def test_e59_replayed_an_answer_is_taken_once(self, browse, mia):
        client, key = browse(mia, factor=None), SoftKey()
        answer = key.make(options(client.get(SET_UP)))
        client.post(SET_UP, {"name": "One", "credential": answer})
        client.post(SET_UP, {"name": "Two", "credential": answer})
        assert Authenticator.objects.filter(type="webauthn").count() == 1

    def test_asks_for_a_name(self, browse, mia):
        client = browse(mia, factor=None)
        page = client.post(SET_UP, {"name": "", "credential": SoftKey().make(options(client.get(SET_UP)))})
        assert "Enter a name for this passkey" in page.content.decode()
        assert held_by(mia) == set()


class TestSecondStep:
    def test_takes_its_answer(self, second_step, key):
        second_step.post(CODE, {"credential": key.sign(options(second_step.get(CODE)))})
        assert is_in(second_step)

    def test_takes_no_other_keys(self, second_step):
        second_step.post(CODE, {"credential": SoftKey().sign(options(second_step.get(CODE)))})
        assert not is_in(second_step)

    def test_e59_replayed_an_answer_is_taken_once(self, second_step, mia, key):
        answer = key.sign(options(second_step.get(CODE)))
        second_step.post(CODE, {"credential": answer})
        other = Client()
        other.post("/account/sign-in/", {"login": mia.email, "password": PASSWORD})
        other.get(CODE)
        other.post(CODE, {"credential": answer})
        assert not is_in(other)

    def test_e59_skipped_the_challenge(self, second_step, key):
        old = options(second_step.get(CODE))
        second_step.get(CODE)
        second_step.post(CODE, {"credential": key.sign(old)})
        assert not is_in(second_step)


class TestWithoutAPassword:
    def challenge(self, client: Client) -> dict:
        return client.get(DIRECT, headers={"accept": "application/json"}).json()["request_options"]

    def test_is_both_factors_and_goes_where_one_was_going(self, client, key):
        answer = client.post(DIRECT, {"credential": key.sign(self.challenge(client)), "next": "/directory/"})
        assert answer["Location"] == "/directory/"
        assert is_in(client)

    def test_asks_the_key_to_know_its_owner(self, client, key):
        client.post(DIRECT, {"credential": key.sign(self.challenge(client), flags=PRESENT)})
        assert not is_in(client)

    def test_names_nobody(self, client, key, mia):
        assert self.challenge(client)["publicKey"].get("allowCredentials") in (None, [])

    def test_is_shut_to_a_closed_account(self, client, key, mia):
        type(mia).objects.filter(pk=mia.pk).update(is_active=False, closed_at=mia.joined_at)
        client.post(DIRECT, {"credential": key.sign(self.challenge(client))})
        assert not is_in(client)


class TestConfirming:
    def test_takes_its_answer(self, mia, key):
        client = sign_in(Client(), mia, "stale")
        asked = client.get("/account/your-sign-in/app/")
        assert asked.status_code == 403
        sent = {"confirm-next": "/account/your-sign-in/app/", "confirm-credential": key.sign(options(asked))}
        assert client.post("/account/confirm/", sent)["Location"] == "/account/your-sign-in/app/"
        assert client.get("/account/your-sign-in/app/").status_code == 200
