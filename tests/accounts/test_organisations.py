from __future__ import annotations

import re
import time
from html import unescape

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from accounts import codes, organisations
from accounts.models import Identity, User
from tests.accounts import provider as providers
from tests.accounts.conftest import is_in
from tests.accounts.provider import Provider
from tests.factories import sign_in

pytestmark = pytest.mark.django_db
BEGIN, BACK = "/account/sign-in/organisation/", "/account/sign-in/organisation/back/"
LINK = "/account/your-sign-in/organisation/"


@pytest.fixture(scope="module")
def started():
    with providers.running() as provider:
        yield provider


@pytest.fixture
def provider(started, settings) -> Provider:
    started.claims, started.signed, started.called_itself = {}, (started.key, "RS256"), ""
    started.refusals.clear()
    settings.OIDC_ISSUER, settings.OIDC_NAME = started.issuer, "Durham County Council"
    settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = providers.CLIENT, providers.SECRET
    return started


@pytest.fixture
def linked(mia, app, provider) -> Identity:
    """Mia's account there, linked as she would."""
    client = sign_in(Client(), mia)
    page = client.post(LINK).content.decode()
    there = unescape(re.search(r'href="([^"]+/authorize[^"]+)"', page)[1])
    assert client.get(provider.sign_in(there, "subject-1"))["Location"] == "/account/your-sign-in/"
    return Identity.objects.get(person=mia)


def come_back(client: Client, provider: Provider, subject: str = "subject-1", next_one: str = "/"):
    return client.get(provider.sign_in(client.get(BEGIN, {"next": next_one})["Location"], subject))


class TestUnlessConfigured:
    def test_there_is_nothing(self, client, browse, mia):
        assert client.get(BEGIN).status_code == 404
        assert client.get(BACK).status_code == 404
        assert browse(mia).post(LINK).status_code == 404
        assert "organisation" not in client.get("/account/sign-in/").content.decode()


class TestSigningIn:
    def test_stands_in_for_the_password_and_not_for_the_second_factor(self, client, provider, linked, code):
        assert "Sign in with Durham County Council" in client.get("/account/sign-in/").content.decode()
        back = come_back(client, provider, next_one="/directory/")
        assert back["Location"] == "/account/sign-in/code/"
        assert not is_in(client)
        done = client.post("/account/sign-in/code/", {"code": code()})
        assert done["Location"] == "/directory/"
        assert is_in(client)

    def test_e60_makes_no_account_and_links_nothing_by_a_forged_address(self, client, provider, mia, app):
        """The provider (or who rules it) claims Mia's address for somebody else's subject."""
        provider.claims = {"email": mia.email, "email_verified": True, "preferred_username": mia.email}
        before = User.objects.count()
        back = come_back(client, provider, subject="intruder")
        assert back["Location"] == "/account/sign-in/"
        assert b"is not linked to one here" in client.get("/account/sign-in/").content
        assert (User.objects.count(), Identity.objects.count()) == (before, 0)
        assert client.post("/account/sign-in/code/", {"code": codes.code_of(app)})["Location"] == "/account/sign-in/"
        assert not is_in(client)

    def test_e60_a_changed_address_is_still_the_same_person(self, client, provider, linked, ben):
        provider.claims = {"email": ben.email, "email_verified": True}
        assert come_back(client, provider)["Location"] == "/account/sign-in/code/"

    def test_is_shut_to_a_closed_account_in_the_words_for_an_unknown_one(self, client, provider, linked, mia):
        User.objects.filter(pk=mia.pk).update(is_active=False, closed_at=mia.joined_at)
        said = []
        for subject in ("subject-1", "unknown"):
            come_back(client, provider, subject)
            said.append(re.sub(rb'value="[^"]*"', b"", client.get("/account/sign-in/").content))
        assert said[0] == said[1]


class TestE59WhatComesBack:
    """Each step of it replayed, skipped, emptied, re-ordered; each claim wrong."""

    def refused(self, client: Client, answer) -> bool:
        page = client.get("/account/sign-in/").content
        return answer["Location"] == "/account/sign-in/" and b"did not confirm who you are" in page

    def test_e59_replayed(self, client, provider, linked):
        path = provider.sign_in(client.get(BEGIN)["Location"], "subject-1")
        client.get(path)
        client.post("/account/sign-out/")
        assert self.refused(client, client.get(path))

    def test_e59_in_another_browser(self, client, provider, linked):
        path = provider.sign_in(client.get(BEGIN)["Location"], "subject-1")
        other = Client()
        assert self.refused(other, other.get(path))

    @pytest.mark.parametrize(
        "query", ["", "?code=x", "?state=x", "?code=&state=", "?error=access_denied", "?state=ŵ&code=x"]
    )
    def test_e59_emptied(self, client, provider, query):
        client.get(BEGIN)
        assert self.refused(client, client.get(f"{BACK}{query}"))

    def test_e59_skipped_the_provider(self, client, provider):
        state = re.search("state=([^&]+)", client.get(BEGIN)["Location"])[1]
        assert self.refused(client, client.get(f"{BACK}?code=invented&state={state}"))
        assert provider.refusals == ["invalid_grant"]

    def test_e59_with_a_code_of_another_errand(self, client, provider, linked):
        stolen = provider.sign_in(Client().get(BEGIN)["Location"], "subject-1").split("code=")[1].split("&")[0]
        state = re.search("state=([^&]+)", client.get(BEGIN)["Location"])[1]
        assert self.refused(client, client.get(f"{BACK}?code={stolen}&state={state}"))
        assert provider.refusals == ["PKCE"]

    def test_e59_too_late(self, client, provider, linked):
        path = provider.sign_in(client.get(BEGIN)["Location"], "subject-1")
        session = client.session
        session[organisations.WAITING] = {**session[organisations.WAITING], "at": time.time() - 601}
        session.save()
        assert self.refused(client, client.get(path))

    @pytest.mark.parametrize(
        "claims",
        [
            {"nonce": "another"},
            {"nonce": None},
            {"iss": "https://evil.example"},
            {"aud": "another"},
            {"aud": ["lantern", "another"], "azp": "another"},
            {"exp": 1},
            {"exp": None},
            {"iat": 9999999999},
            {"sub": None},
        ],
    )
    def test_e59_with_a_wrong_claim(self, client, provider, linked, claims):
        provider.claims = claims
        assert self.refused(client, come_back(client, provider))

    @pytest.mark.parametrize("forged", ["other key", "none", "HS256"])
    def test_e59_with_a_forged_signature(self, client, provider, linked, forged):
        stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        known = jwt.algorithms.RSAAlgorithm.to_jwk(provider.key.public_key())
        provider.signed = {
            "other key": (stranger, "RS256"),
            "none": (None, "none"),
            "HS256": (known.encode(), "HS256"),
        }[forged]
        assert self.refused(client, come_back(client, provider))

    def test_e59_from_a_provider_that_calls_itself_another(self, client, provider, linked):
        provider.called_itself = "https://evil.example"
        assert self.refused(client, client.get(BEGIN))

    def test_says_so_where_the_provider_is_gone(self, client, provider, settings):
        settings.OIDC_ISSUER = "http://127.0.0.1:9"
        assert self.refused(client, client.get(BEGIN))


class TestWhereItLeads:
    @pytest.mark.parametrize("there", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:x"])
    def test_e64_to_no_place_but_ours(self, there, client, provider, linked, code):
        assert come_back(client, provider, next_one=there)["Location"] == "/account/sign-in/code/"
        assert client.post("/account/sign-in/code/", {"code": code()})["Location"] == "/"


class TestLinking:
    def test_needs_a_fresh_factor(self, browse, mia, app, provider):
        assert browse(mia, factor="stale").post(LINK).status_code == 403

    def test_is_known_by_the_subject(self, linked, provider):
        assert (linked.issuer, linked.subject) == (provider.issuer, "subject-1")

    def test_is_for_one_person_only(self, linked, provider, ben):
        client = sign_in(Client(), ben)
        there = unescape(re.search(r'href="([^"]+/authorize[^"]+)"', client.post(LINK).content.decode())[1])
        page = client.get(provider.sign_in(there, "subject-1"), follow=True)
        assert b"is linked already" in page.content
        assert Identity.objects.count() == 1

    def test_e59_cannot_be_begun_by_one_and_ended_by_another(self, provider, mia, ben):
        client = sign_in(Client(), mia)
        there = unescape(re.search(r'href="([^"]+/authorize[^"]+)"', client.post(LINK).content.decode())[1])
        path = provider.sign_in(there, "subject-9")
        session = sign_in(other := Client(), ben).session
        session[organisations.WAITING] = client.session[organisations.WAITING]
        session.save()
        assert other.get(path)["Location"] == "/account/sign-in/"
        assert not Identity.objects.exists()

    def test_a_sign_in_never_links(self, provider, mia):
        client = Client()
        path = provider.sign_in(client.get(BEGIN)["Location"], "subject-9")
        sign_in(client, mia)
        client.get(path)
        assert not Identity.objects.exists()

    def test_can_be_undone(self, linked, mia, client, provider):
        sign_in(browser := Client(), mia)
        assert b"Your work account is linked" in browser.get("/account/your-sign-in/").content
        browser.post(f"{LINK}{linked.pk}/unlink/")
        assert come_back(client, provider)["Location"] == "/account/sign-in/"
