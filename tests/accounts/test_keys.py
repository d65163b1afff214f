from __future__ import annotations

import pytest
from django.core.management import call_command

from accounts import codes
from accounts.sealing import Unreadable

pytestmark = pytest.mark.django_db
OLD, NEW = (
    "an-old-key-of-some-length-0123456789-abcdefghijkl-xyz",
    "a-new-key-of-some-length-0123456789-abcdefghijkl-xyz",
)


def three() -> int:
    return 3


@pytest.fixture(autouse=True)
def keys(settings):
    settings.SEALING_KEYS = [OLD]


class TestReseal:
    def test_makes_the_old_key_needless(self, mia, settings, capsys):
        app = codes.keep_app(mia, codes.new_secret())
        [first, *_] = codes.keep_recovery_codes(mia)
        settings.SEALING_KEYS, settings.RESEALED = [NEW, OLD], [f"{__name__}.three"]
        call_command("reseal")
        assert "5 secrets" in capsys.readouterr().out
        settings.SEALING_KEYS = [NEW]
        app.refresh_from_db()
        assert codes.accept(mia, codes.code_of(app))
        assert codes.accept(mia, first)

    def test_changes_nothing_where_something_does_not_open(self, mia, ben, settings):
        app = codes.keep_app(mia, codes.new_secret())
        settings.SEALING_KEYS = ["a-third-key-of-some-length-0123456789-abcdefghijkl-xy"]
        codes.keep_app(ben, codes.new_secret())
        kept = app.data
        with pytest.raises(Unreadable):
            call_command("reseal")
        app.refresh_from_db()
        assert app.data == kept
