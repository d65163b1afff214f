from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.channels.parts import BASIC, EXTENSION, Parts, parts, unusual


class TestParts:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", Parts(0, 1, "GSM")),
            ("a" * 160, Parts(160, 1, "GSM")),
            ("a" * 161, Parts(161, 2, "GSM")),
            ("a" * 306, Parts(306, 2, "GSM")),
            ("a" * 307, Parts(307, 3, "GSM")),
            ("€" * 80, Parts(160, 1, "GSM")),
            ("€" * 81, Parts(162, 2, "GSM")),
            ("ŵ" * 70, Parts(70, 1, "UCS-2")),
            ("ŵ" * 71, Parts(71, 2, "UCS-2")),
            ("ŵ" * 134, Parts(134, 2, "UCS-2")),
            ("ŵ" * 135, Parts(135, 3, "UCS-2")),
            ("🐝" * 35, Parts(70, 1, "UCS-2")),
            ("🐝" * 36, Parts(72, 2, "UCS-2")),
        ],
    )
    def test_counts_at_the_edges(self, text, expected):
        assert parts(text) == expected

    def test_one_unusual_character_makes_the_whole_text_dearer(self):
        assert parts("a" * 100).parts == 1
        assert parts("a" * 99 + "’").parts == 2

    def test_never_splits_a_character_of_two_halves(self):
        """152 and a pair do not fill 153: the pair goes into the next message as a whole."""
        assert parts("a" * 152 + "€" + "a" * 151).parts == 2
        assert parts("a" * 152 + "€" + "a" * 152).parts == 3
        assert parts("ŵ" * 66 + "🐝" + "ŵ" * 65).parts == 2
        assert parts("ŵ" * 66 + "🐝" + "ŵ" * 66).parts == 3

    def test_knows_the_alphabet(self):
        assert len(BASIC) == 127  # 128 places, one of which is the escape to the extension
        assert len(EXTENSION) == 10
        assert not BASIC & EXTENSION
        assert unusual("Gŵyl “Môr” 2026 €") == sorted("ŵ“”ô")

    @given(st.text(max_size=400))
    def test_more_text_is_never_fewer_messages(self, text):
        assert parts(text).parts <= parts(text + "a").parts
        assert (parts(text).charset == "GSM") == (not unusual(text))
