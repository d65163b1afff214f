from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery import bounces, envelopes
from delivery.bounces import NoBounce
from tests.delivery.reports import bounce, plain

MIA = "mia@lantern.example"
TOKEN = envelopes.token(7, MIA)


def read(raw: bytes) -> tuple[str, bool, bool]:
    found = bounces.read(raw)
    assert found.known.delivery == 7
    return found.kind, found.final, found.address_is_dead


class TestReports:
    @pytest.mark.parametrize(
        ("action", "status", "expected"),
        [
            ("failed", "5.1.1", ("hard", True, True)),
            ("Failed", "5.2.1 (disabled)", ("hard", True, True)),
            ("failed", "5.4.4", ("hard", True, True)),
            ("failed", "5.2.2", ("hard", True, False)),
            ("failed", "5.3.4", ("hard", True, False)),
            ("failed", "5.7.1", ("hard", True, False)),
            ("failed", "4.4.7", ("soft", True, False)),
            ("delayed", "4.4.1", ("soft", False, False)),
            ("delayed", "4.2.2", ("soft", False, False)),
        ],
    )
    def test_says_what_became_of_it(self, action, status, expected):
        assert read(bounce(TOKEN, action=action, status=status)) == expected

    def test_knows_that_something_was_delivered(self):
        assert bounces.read(bounce(TOKEN, action="delivered", status="2.0.0")).kind == "delivered"

    @pytest.mark.parametrize("action", ["relayed", "expanded", "lost"])
    def test_a_message_passed_on_is_no_answer(self, action):
        with pytest.raises(NoBounce):
            bounces.read(bounce(TOKEN, action=action, status="2.0.0"))

    def test_keeps_the_servers_words_and_nobodys_address(self):
        assert bounces.read(bounce(TOKEN)).detail == "5.1.1 550 5.1.1 (address): Recipient address rejected"

    def test_a_status_that_is_missing_is_taken_from_the_diagnosis(self):
        assert read(bounce(TOKEN, status="unknown", words="452 4.2.2 Mailbox full"))[0] == "soft"

    def test_the_same_report_has_the_same_name_by_whichever_way_it_comes(self):
        first = bounces.read(bounce(TOKEN)).key
        assert bounces.read(b"Received: by elsewhere.example\r\n" + bounce(TOKEN)).key == first
        assert bounces.read(bounce(TOKEN, key="two")).key != first

    def test_finds_the_name_only_in_the_message_that_was_returned(self):
        assert read(bounce(TOKEN, to="bounces@lantern.example"))[0] == "hard"


class TestPlainWords:
    @pytest.mark.parametrize(
        ("words", "kind"),
        [
            ("<mia@lantern.example>:\r\n550 5.1.1 no such user here", "hard"),
            ("Remote host said: 554 delivery error: This user doesn't have an account", "hard"),
            ("Remote host said: 452 too many recipients, try later", "soft"),
            ("4.2.2 The mailbox is over quota", "soft"),
        ],
    )
    def test_are_understood_by_their_codes(self, words, kind):
        assert read(plain(TOKEN, words))[0] == kind

    @pytest.mark.parametrize(
        "words", ["Hello, I am on leave until 12.5.2026.", "See 10.5.1.20 or call 0191 498 0550", "2.0.0 delivered", ""]
    )
    def test_without_a_code_they_mean_nothing(self, words):
        with pytest.raises(NoBounce):
            bounces.read(plain(TOKEN, words))

    def test_somebody_who_is_away_has_not_gone(self):
        away = plain(TOKEN, "I am away. My colleague's number is 5.1.1.", Auto_Submitted="auto-replied (vacation)")
        with pytest.raises(NoBounce, match="automatic reply"):
            bounces.read(away)

    def test_a_person_who_answers_is_no_mail_server(self):
        answer = plain(TOKEN, "You wrote: 550 5.1.1", From="Mia <mia@lantern.example>", Return_Path=f"<{MIA}>")
        with pytest.raises(NoBounce, match="not from a mail server"):
            bounces.read(answer)


class TestRubbish:
    @pytest.mark.parametrize("raw", [b"", b"\x00" * 50, bounce("b-7-00000000-00000000000000000000")])
    def test_about_no_delivery_of_ours(self, raw):
        with pytest.raises(NoBounce, match="names no delivery"):
            bounces.read(raw)

    @given(st.binary(max_size=600), st.integers(0, 1200))
    def test_only_ever_says_that_it_is_no_bounce(self, noise, place):
        raw = bounce(TOKEN)
        with contextlib.suppress(NoBounce):
            bounces.read(raw[:place] + noise + raw[place:])
