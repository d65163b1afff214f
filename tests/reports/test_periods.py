from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from reports.periods import Quarter, current, latest, read


class TestQuarter:
    def test_begins_and_ends_by_the_clock_in_london(self):
        spring = Quarter(2026, 2)
        assert spring.start.isoformat() == "2026-04-01T00:00:00+01:00"
        assert spring.end.isoformat() == "2026-07-01T00:00:00+01:00"
        assert spring.end.astimezone(dt.UTC) == dt.datetime(2026, 6, 30, 23, tzinfo=dt.UTC)
        assert str(spring.start.tzinfo) == str(ZoneInfo("Europe/London"))

    def test_follows_another_over_the_new_year(self):
        assert Quarter(2026, 4).next == Quarter(2027, 1)
        assert Quarter(2027, 1).previous == Quarter(2026, 4)
        assert Quarter(2026, 3).name == "July to September 2026"

    def test_reads_back_its_own_code_if_it_is_one_of_the_latest(self):
        assert [read(quarter.code) for quarter in latest()] == latest()
        assert latest()[0] == current()
        assert read("2019-Q1") is None
        assert read("now") is None
