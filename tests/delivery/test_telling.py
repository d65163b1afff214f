"""The account of the post in a sentence or two: what somebody has to mend comes first."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from delivery.operating import Account, Failed, Hold, Owed, Trouble
from delivery.telling import in_short

SOON = dt.timedelta(seconds=2)
OWED = Owed("email", "immediate", "Email", "Immediate", 3, 0, 0, 0, 0, SOON)
STUCK = OWED._replace(stuck=3)
HELD = Hold(timezone.now(), "Omar", "Links", restored=False)
OURS = Trouble("mail.example:25", None, "Timed out")
THEIRS = Trouble("1 system of agencies", None, "Timed out", is_ours=False)
LOST = Failed("Email", "550 user unknown", 2, 3)


def told(hold=None, owed=(), failed=(), troubles=()) -> str:
    return in_short(Account(hold, list(owed), [], list(failed), [], list(troubles)))


class TestInShort:
    def test_is_calm_when_nothing_is_wrong(self):
        assert told() == "Nothing is owed. Everything has been sent."
        assert told(owed=[OWED]) == "3 messages are owed; the oldest for 2.0 seconds."

    def test_never_says_that_everything_was_sent_where_something_failed(self):
        assert told(failed=[LOST]) == "Nothing is owed. 2 failed in the last 24 hours."
        assert told(failed=[LOST._replace(day=0)]) == "Nothing is owed. Everything has been sent."

    @pytest.mark.parametrize(
        ("what", "first"),
        [
            ({"hold": HELD, "owed": [STUCK], "troubles": [OURS]}, "Everything is held."),
            ({"owed": [STUCK], "troubles": [THEIRS, OURS]}, "A server does not answer."),
            ({"owed": [STUCK], "troubles": [THEIRS]}, "3 messages are due and not moving."),
            ({"troubles": [THEIRS]}, "Systems of agencies do not answer."),
        ],
    )
    def test_says_first_what_is_to_be_mended(self, what, first):
        assert told(**what).startswith(first)
