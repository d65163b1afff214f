from __future__ import annotations

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import codes
from accounts.models import User
from tests.factories import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.stepping")]
TYPED = {
    "reason": "She asked for “it” & <b>more</b>\r\nSecond line",
    "who": ["Mia", "Ben"],
    "next": "/elsewhere/",
    "code": "1",
}


@pytest.fixture
def stale(browse, mia, app) -> Client:
    return browse(mia, factor="stale")


def hidden(page: str) -> list[tuple[str, str]]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return [(name, unescape(value)) for name, value in found if name != "csrfmiddlewaretoken"]


def as_sent(fields: list[tuple[str, str]]) -> dict[str, list[str]]:
    sent: dict[str, list[str]] = {}
    for name, value in fields:
        sent.setdefault(name, []).append(value)
    return sent


class TestAPage:
    def test_asks_in_place_and_comes_back_to_the_same_address(self, stale, code):
        asked = stale.get("/deed/?q=beds+for+two")
        assert asked.status_code == 403
        assert b"Confirm that it is you" in asked.content
        answer = stale.post("/account/confirm/", {**as_sent(hidden(asked.content.decode())), "confirm-code": code()})
        assert (answer.status_code, answer["Location"]) == (302, "/deed/?q=beds+for+two")
        assert stale.get(answer["Location"]).json()["asked"] == {"q": ["beds for two"]}

    def test_does_not_ask_within_ten_minutes(self, browse, mia, app):
        assert browse(mia).get("/deed/").status_code == 200

    def test_stays_asked_for_when_the_code_is_wrong(self, stale):
        asked = stale.get("/deed/")
        again = stale.post("/account/confirm/", {**as_sent(hidden(asked.content.decode())), "confirm-code": "000000"})
        assert again.status_code == 403
        assert "That code is not right" in again.content.decode()
        assert dict(hidden(again.content.decode()))["confirm-next"] == "/deed/"
        assert stale.get("/deed/").status_code == 403


class TestADeed:
    def test_loses_nothing_that_was_typed(self, stale, code):
        asked = stale.post("/deed/?from=here", TYPED)
        assert asked.status_code == 403
        carried = as_sent(hidden(asked.content.decode()))
        answer = stale.post("/account/confirm/", {**carried, "confirm-code": code()})
        assert (answer.status_code, answer["Location"]) == (307, "/deed/?from=here")
        done = stale.post(answer["Location"], carried).json()
        kept = {name: values for name, values in done["sent"].items() if not name.startswith("confirm-")}
        assert kept == {name: value if isinstance(value, list) else [value] for name, value in TYPED.items()}

    def test_keeps_what_was_typed_through_a_wrong_code(self, stale):
        carried = as_sent(hidden(stale.post("/deed/", TYPED).content.decode()))
        again = stale.post("/account/confirm/", {**carried, "confirm-code": "000000"})
        assert as_sent(hidden(again.content.decode())) == carried

    def test_keeps_it_in_no_session_and_no_address(self, stale, mia):
        asked = stale.post("/deed/", {"reason": "canary-in-the-reason"})
        kept = dict(stale.session.items())
        assert "canary" not in str(kept)
        assert "canary" not in str(asked.headers)

    def test_is_asked_for_again_where_the_factor_grew_old_meanwhile(self, stale, mia):
        assert stale.post("/deed/", TYPED).status_code == 403

    def test_says_that_a_file_has_to_be_chosen_again_and_keeps_the_rest(self, stale, code):
        asked = stale.post("/deed/", {"title": "Plan", "file": SimpleUploadedFile("plan.pdf", b"%PDF")})
        page = asked.content.decode()
        assert "You had chosen a file" in page
        carried = as_sent(hidden(page))
        assert carried["title"] == ["Plan"]
        assert "PDF" not in page
        answer = stale.post("/account/confirm/", {**carried, "confirm-code": code()})
        assert answer.status_code == 307

    def test_needs_the_sites_token_at_each_step(self, mia, app, code):
        strict = sign_in(Client(enforce_csrf_checks=True), mia, "stale")
        assert strict.post("/deed/", TYPED).status_code == 403
        confirmed = strict.post("/account/confirm/", {"confirm-code": code(), "confirm-next": "/deed/"})
        assert confirmed.status_code == 403
        assert "confirm-next" not in confirmed.content.decode()
        page = strict.get("/deed/").content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[1]
        passed = {"csrfmiddlewaretoken": token, "confirm-code": code(), "confirm-next": "/deed/"}
        assert strict.post("/account/confirm/", passed).status_code == 302


class TestScripts:
    def test_are_told_in_words_they_can_act_on(self, stale):
        for how in ({"content_type": "application/json"}, {"headers": {"accept": "application/json"}}):
            answer = stale.post("/deed/", {}, **how)
            assert answer.status_code == 403
            assert answer.json()["code"] == "fresh_factor_needed"
            assert answer.headers["Content-Type"] == "application/problem+json"


class TestE59Steps:
    """Each step of confirming replayed, skipped, emptied, re-ordered."""

    def test_e59_replayed_a_code_confirms_once(self, stale, mia, app, code):
        passed = {"confirm-code": code(), "confirm-next": "/deed/"}
        assert stale.post("/account/confirm/", passed).status_code == 302
        other = sign_in(Client(), mia, "stale")
        assert other.post("/account/confirm/", passed).status_code == 403
        assert other.get("/deed/").status_code == 403

    def test_e59_skipped_the_deed_is_refused(self, stale):
        assert stale.post("/deed/", {**TYPED, "confirm-again": "yes", "confirm-next": "/deed/"}).status_code == 403

    @pytest.mark.parametrize(
        "sent",
        [
            {},
            {"confirm-code": ""},
            {"confirm-code": "   "},
            {"confirm-credential": ""},
            {"confirm-credential": "{}"},
            {"confirm-credential": "[]"},
            {"confirm-credential": "null"},
            {"confirm-credential": "not json"},
            {"confirm-credential": '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}'},
            {"confirm-code": "000000", "confirm-credential": "null"},
            {"code": "123456"},
            {"confirm-code": "\x00"},
            {"confirm-code": "0" * 5000},
        ],
    )
    def test_e59_emptied_nothing_is_confirmed(self, stale, sent):
        assert stale.post("/account/confirm/", {**sent, "confirm-next": "/deed/"}).status_code == 403
        assert stale.get("/deed/").status_code == 403

    def test_e59_another_persons_code_confirms_nothing(self, stale, ben):
        theirs = codes.keep_app(ben, codes.new_secret())
        answer = stale.post("/account/confirm/", {"confirm-code": codes.code_of(theirs), "confirm-next": "/deed/"})
        assert answer.status_code == 403

    def test_e59_nobody_confirms_before_signing_in(self, client, mia, code):
        answer = client.post("/account/confirm/", {"confirm-code": code(), "confirm-next": "/deed/"})
        assert answer["Location"].startswith("/account/sign-in/")

    def test_is_no_way_round_the_set_up(self, browse, ben: User):
        client = browse(ben, factor=None)
        assert client.post("/account/confirm/", {"confirm-code": "1"})["Location"] == "/account/set-up/"
        assert client.get("/").status_code == 302
