from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.reasons import KNOWN, UNKNOWN, reason


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
