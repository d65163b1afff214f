"""An entry in words: what it was done to, and the details, without what only a machine reads."""

from __future__ import annotations

import pytest

from audit.models import Entry


class TestKind:
    @pytest.mark.parametrize(
        ("subject", "words"),
        [
            ("directory.listing", "listing"),
            ("directory.safeplacechange", "safe place change"),
            ("network.apikey", "API key"),
            ("network.longgone", "longgone"),
        ],
    )
    def test_is_the_thing_as_people_call_it_even_when_there_is_no_such_thing_any_more(self, subject, words):
        assert Entry(subject_type=subject).kind == words


class TestFacts:
    @pytest.mark.parametrize(
        ("value", "words"),
        [
            ("2027-05-21T13:37:41.554049+00:00", "21 May 2027 at 2:37pm"),
            ("2026-11-10", "10 November 2026"),
            ("2026-13-40", "2026-13-40"),
            ("restricted", "restricted"),
            (["Haven House", "Harbour Advice"], "Haven House, Harbour Advice"),
            (True, "yes"),
            (3, "3"),
        ],
    )
    def test_are_written_as_people_write_them(self, value, words):
        assert Entry(details={"until_at": value}).facts == [f"until at: {words}"]

    def test_leave_identifiers_of_people_out(self):
        given = {"leaver": "01a2", "successor": "01a3", "person": "01a4", "role": "member"}
        assert Entry(details=given).facts == ["role: member"]
