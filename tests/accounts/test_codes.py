from __future__ import annotations

import time

import pytest
from allauth.mfa.models import Authenticator

from accounts import codes

pytestmark = pytest.mark.django_db
# RFC 6238, appendix B: the secret "12345678901234567890", the last six digits of its eight.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


class TestPeriodOf:
    @pytest.mark.parametrize(("moment", "code"), [(59, "287082"), (1111111109, "081804"), (2000000000, "279037")])
    def test_agrees_with_the_standards_examples(self, clock, moment, code):
        clock(moment)
        assert codes.period_of(RFC_SECRET, code) == moment // 30

    @pytest.mark.parametrize("away", [-1, 0, 1])
    def test_bears_with_a_clock_half_a_minute_off(self, clock, away):
        clock(1111111109 + away * 30)
        assert codes.period_of(RFC_SECRET, "081 804") == 1111111109 // 30

    @pytest.mark.parametrize("away", [-2, 2])
    def test_bears_with_no_more_than_that(self, clock, away):
        clock(1111111109 + away * 30)
        assert codes.period_of(RFC_SECRET, "081804") is None

    @pytest.mark.parametrize("typed", ["", " ", "08180", "0818044", "ŵŵŵŵŵŵ", "８１８０４０", "\x00", "081804'"])
    def test_takes_nothing_else_for_a_code(self, clock, typed):
        clock(1111111109)
        assert codes.period_of(RFC_SECRET, typed) is None


class TestAccept:
    def test_takes_each_code_once(self, mia, app, code):
        shown = code()
        assert codes.accept(mia, shown) == app
        assert codes.accept(mia, shown) is None

    def test_takes_no_code_from_before_one_that_was_used(self, clock, mia, app, code):
        began = clock(time.time())
        earlier = code()
        clock(began + 30)
        assert codes.accept(mia, code()) == app
        assert codes.accept(mia, earlier) is None

    def test_takes_a_used_code_neither_once_a_cache_would_have_forgotten_it(self, clock, mia, app, code):
        began = clock(time.time() // 30 * 30)
        shown = code()
        assert codes.accept(mia, shown)
        clock(began + 45)
        assert codes.accept(mia, shown) is None

    def test_takes_each_recovery_code_once_however_it_is_typed(self, mia, recovery_codes):
        assert len(set(recovery_codes)) == 10
        assert codes.accept(mia, recovery_codes[3].replace(" ", "-")).type == "recovery_codes"
        assert codes.accept(mia, recovery_codes[3]) is None
        assert codes.accept(mia, recovery_codes[4])

    def test_takes_nobody_elses_code(self, mia, ben, code):
        codes.keep_app(ben, codes.new_secret())
        assert codes.accept(ben, code()) is None


class TestKeepRecoveryCodes:
    def test_ends_those_from_before(self, mia, recovery_codes):
        codes.keep_recovery_codes(mia)
        assert codes.accept(mia, recovery_codes[0]) is None


class TestWhatIsKept:
    def test_shows_neither_the_secret_nor_the_seed_nor_a_code(self, mia):
        secret = codes.new_secret()
        app = codes.keep_app(mia, secret)
        made = codes.keep_recovery_codes(mia)
        kept = str(list(Authenticator.objects.values_list("data", flat=True)))
        assert secret not in kept
        assert not any(code.replace(" ", "") in kept for code in made)
        assert codes.accept(mia, codes.code_of(app)) == app

    def test_is_no_use_with_another_key(self, mia, app, code, settings):
        shown = code()
        settings.SEALING_KEYS = ["another-key-altogether-0123456789-abcdefghijklmnopqrs"]
        with pytest.raises(ValueError, match="cannot be opened"):
            codes.accept(mia, shown)


class TestPicture:
    def test_draws_the_same_code_the_library_makes(self, mia):
        drawn = codes.picture(mia, RFC_SECRET)
        assert drawn.size > 25
        assert drawn.path.startswith("M2,2h1v1h-1z")
        assert set(drawn.path) <= set("Mhvz,-0123456789")
