from __future__ import annotations

import pytest

from accounts.sealing import Unreadable, reseal, seal, unseal

OLD, NEW = (
    "an-old-key-of-some-length-0123456789-abcdefghijkl-xyz",
    "a-new-key-of-some-length-0123456789-abcdefghijkl-xyz",
)


class TestSeal:
    def test_is_opened_again_and_shows_nothing_meanwhile(self):
        sealed = seal("1 Harbour Lane, ŵ", "safe place")
        assert "Harbour" not in sealed
        assert unseal(sealed, "safe place") == "1 Harbour Lane, ŵ"

    def test_never_gives_the_same_twice(self):
        assert seal("x", "totp") != seal("x", "totp")

    def test_does_not_open_for_another_purpose(self):
        with pytest.raises(Unreadable):
            unseal(seal("x", "totp"), "safe place")

    @pytest.mark.parametrize("forged", ["", "x", "gAAAAA", "ŵ"])
    def test_does_not_open_what_was_not_sealed(self, forged):
        with pytest.raises(Unreadable):
            unseal(forged, "totp")

    def test_does_not_open_once_changed(self):
        sealed = seal("x", "totp")
        middle = len(sealed) // 2
        swapped = "A" if sealed[middle] != "A" else "B"
        with pytest.raises(Unreadable):
            unseal(sealed[:middle] + swapped + sealed[middle + 1 :], "totp")


class TestKeys:
    def test_the_first_seals_and_all_open(self, settings):
        settings.SEALING_KEYS = [OLD]
        sealed = seal("x", "totp")
        settings.SEALING_KEYS = [NEW, OLD]
        assert unseal(sealed, "totp") == "x"
        again = reseal(sealed, "totp")
        settings.SEALING_KEYS = [NEW]
        assert unseal(again, "totp") == "x"
        with pytest.raises(Unreadable, match="cannot be opened"):
            unseal(sealed, "totp")
