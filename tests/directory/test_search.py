"""Words: what they are, and that both engines find by them what a plain reading of the rule finds."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from directory import search
from directory.filters import Wanted
from directory.reading import Found
from tests.directory.factories import ContactFactory, ListingFactory, PlaceFactory, TermFactory

WORDS = [
    "llanfair",
    "Tŷ",
    "Cafézinho",
    "NRM",
    "24h",
    "o'neil",
    "St.",
    "100%",
    "a_b",
    "bed",
    "beds",
    "1e5",
    "x:y",
    "ÉCOLE",
]
TEXTS = [
    "Tŷ Croeso, Llanfair Caereinion", "Café for women | open 24h", "Emergency bed 100% free", "a_b x:y (1e5) & co",
    "St. Cuthbert's école", "beds, beds, beds", "NRM referrals", "", "नमस्ते interpreting", "Straße 12abc", "!&|:*'\\",
]  # fmt: skip
ANYTHING = st.one_of(
    st.sampled_from([*WORDS, *"%_\\':&|!()*\"", "' | '", ":*", "\x00", "ß", "ŵ", "12a", "नम"]), st.text(max_size=6)
)


def found(text: str) -> Found:
    """What anybody finds."""
    return Found(AnonymousUser(), Wanted(text=text))


class TestWords:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Tŷ Croeso", ["ty", "croeso"]),
            ("LLANGŴM", ["llangwm"]),
            ("Straße", ["strasse"]),
            ("St. Cuthbert’s", ["st", "cuthbert", "s"]),
            ("100% a_b", ["100", "a", "b"]),
            ("", []),
        ],
    )
    def test_are_small_letters_and_digits(self, text, expected):
        assert search.words(text) == expected

    @given(st.text())
    def test_hold_nothing_an_engine_could_mistake(self, text):
        for word in search.words(text):
            assert word.isalnum()
            assert len(word) <= search.LONGEST_WORD


class TestMatching:
    @pytest.fixture
    def named(self, haven):
        return [ListingFactory(agency=haven, access="public", name=text[:160] or "Nameless") for text in TEXTS]

    @settings(
        max_examples=120,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(asked=st.lists(ANYTHING, max_size=4))
    def test_finds_what_a_plain_reading_finds(self, named, asked):
        text = " ".join(asked)
        expected = {row.pk for row in named if self.fits(row, text)}
        assert {row.id for row in found(text).by_id(99)} == expected

    @staticmethod
    def fits(listing, text) -> bool:
        own = search.words(f"{listing.name} {listing.agency.name}")
        wanted = list(dict.fromkeys(search.words(text)))[: search.MOST_WORDS]
        return all(any(word.startswith(begun) for word in own) for begun in wanted)

    def test_needs_every_word(self, haven):
        ListingFactory(agency=haven, access="public", name="Emergency bed")
        assert found("bed emer").counts().total == 1
        assert found("bed other").counts().total == 0

    def test_begins_at_the_beginning_of_a_word(self, haven):
        ListingFactory(agency=haven, access="public", name="Bedding")
        assert found("bed").counts().total == 1
        assert found("ding").counts().total == 0


class TestIndex:
    def test_finds_by_agency_term_and_summary(self, haven):
        row = ListingFactory(
            agency=haven, access="public", summary="A quiet room", terms=[TermFactory(name="Interpreting")]
        )
        for text in ("haven", "quiet", "interp"):
            assert [match.id for match in found(text).by_id(9)] == [row.pk]

    def test_holds_no_contact_and_no_place(self, haven):
        row = ListingFactory(agency=haven, access="public")
        ContactFactory(listing=row, function="Zebra line", officer="Yolanda Xu", phone="0191 498 0777")
        PlaceFactory(listing=row, street="9 Vervain Street")
        search.index([row])
        for text in ("zebra", "yolanda", "0777", "0191", "vervain"):
            assert not found(text).counts().total
