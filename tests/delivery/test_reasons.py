from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.reasons import KNOWN, LENGTH, UNKNOWN, kept, plain, reason


class TestKept:
    @pytest.mark.parametrize(
        ("said", "noted"),
        [
            ("550 5.1.1 <mia@haven.example>: no such user", "550 5.1.1 (address): no such user"),
            ("550 moved to nell@riverbank.example, call 0191 498 0123", "550 moved to (address), call (number)"),
            ("550 07700 900123 unknown", "550 (number) unknown"),
            ("400 phone_number +447700900123 is not valid", "400 phone_number (number) is not valid"),
            ("5.1.1 550 5.1.1 User unknown", "5.1.1 550 5.1.1 User unknown"),
            ("421 try again in\r\n 3600 seconds", "421 try again in 3600 seconds"),
            ('551 "mia hughes"@haven.example: use o\'hara@haven.example', "551 (address): use (address)"),
            ("550 no\x00 \x1b[2Jsuch\u202e user\x9b", "550 no [2Jsuch user"),
            ("", ""),
        ],
    )
    def test_has_nobodys_address_or_number(self, said, noted):
        assert kept(said) == noted

    def test_is_one_line_that_the_row_has_room_for(self):
        assert kept("a\n" * LENGTH) == ("a " * LENGTH)[:LENGTH]


class TestPlain:
    @given(st.text(max_size=300))
    def test_has_nothing_that_cannot_be_seen(self, words):
        assert plain(words).isprintable()

    def test_leaves_words_as_they_are(self):
        assert plain("Ærøskøbing’s  mail – “full”") == "Ærøskøbing’s mail – “full”"


class TestReason:
    @pytest.mark.parametrize(
        ("said", "shown"),
        [
            ("550 5.1.1 <mia@haven.example>: Recipient address rejected", "550 5.1.1 recipient address rejected"),
            ("550 User Mia Hughes (mia.hughes) not found", "550 user not found"),
            ("452 4.2.2 Mailbox full", "452 4.2.2 mailbox full"),
            ("421 mx4.haven.example closing after 300 seconds", "421 seconds"),
            ("Mailbox 07700900123 unknown", "Mailbox unknown"),
            ("ConnectionRefusedError: [Errno 111] Connection refused", "Connection refused"),
            ("The server gave no answer. TimeoutError:", "The server gave no answer"),
            ("TimeoutError", "Timeout error"),
            ("5.1.1 550 5.1.1 (address): Recipient address rejected", "5.1.1 recipient address rejected"),
            ("5.5.1.20 is blocked", "Is blocked"),
            ("554", "554"),
            ("", UNKNOWN),
            ("Mia", UNKNOWN),
        ],
    )
    def test_keeps_the_code_and_the_words_that_servers_use(self, said, shown):
        assert reason(said) == shown

    def test_is_the_same_for_two_people(self):
        assert reason("550 <mia@a.example>: user unknown") == reason("550 <otto@b.example>: user unknown")

    @given(st.text(max_size=300))
    def test_never_says_a_word_it_does_not_know(self, detail):
        words = reason(detail).lower().split()
        if words != UNKNOWN.lower().split():
            assert all(word in KNOWN or word[0].isdigit() for word in words)
            assert sum(word[0].isdigit() for word in words) <= 2
