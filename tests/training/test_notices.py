from __future__ import annotations

import datetime as dt

import pytest

from tests.training import factories
from training import notices


def at(*moment):
    return dt.datetime(*moment, tzinfo=dt.UTC)


class TestWhen:
    @pytest.mark.parametrize(
        ("starts", "ends", "said"),
        [
            (at(2027, 1, 21, 17, 30), at(2027, 1, 21, 19), "Thursday 21 January 2027, 5:30pm to 7pm"),
            (at(2027, 7, 1, 16, 30), at(2027, 7, 1, 18), "Thursday 1 July 2027, 5:30pm to 7pm"),
            (at(2027, 7, 1, 11), at(2027, 7, 1, 23), "Thursday 1 July 2027, midday to Friday 2 July 2027, midnight"),
            # The night on which the clocks go back: 1am comes twice, and the session is two hours long.
            (at(2026, 10, 25, 0, 30), at(2026, 10, 25, 2, 30), "Sunday 25 October 2026, 1:30am to 2:30am"),
        ],
    )
    def test_is_by_the_clock_on_the_wall(self, db, course, starts, ends, said):
        assert notices.when(factories.SessionFactory.build(course=course, starts_at=starts, ends_at=ends)) == said


class TestReference:
    def test_is_short_and_begins_with_the_network(self, session):
        assert notices.reference(session).startswith("DUR-T-")
        assert len(notices.reference(session)) == 12


class TestAnnouncement:
    def test_never_holds_who_comes(self, session, mia):
        factories.place(session, mia)
        assert mia.name not in notices.announcement(session, "/").text
