from __future__ import annotations

import datetime as dt

import pytest

from delivery.models import Quiet
from delivery.quiet import LONDON, NOW_QUIET, quiet_until

NIGHT = (dt.time(22), dt.time(7))


def london(text: str, fold: int = 0) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=LONDON, fold=fold)


def ends(hours: tuple[dt.time, dt.time], now: dt.datetime) -> str:
    """As the clock in London shows it, with its distance from Greenwich."""
    return quiet_until(*hours, now).astimezone(LONDON).isoformat()


class TestQuietUntil:
    @pytest.mark.parametrize("now", ["2026-11-22T21:59:59", "2026-11-22T07:00", "2026-11-22T12:00"])
    def test_outside_the_hours_it_is_now(self, now):
        assert quiet_until(*NIGHT, london(now)) == london(now)

    @pytest.mark.parametrize("now", ["2026-11-22T22:00", "2026-11-22T23:59:59", "2026-11-23T00:00", "2026-11-23T06:59"])
    def test_hours_over_midnight_end_in_the_morning(self, now):
        assert quiet_until(*NIGHT, london(now)) == london("2026-11-23T07:00")

    def test_hours_within_a_day_end_on_it(self):
        nap = (dt.time(13), dt.time(15, 30))
        assert ends(nap, london("2026-07-01T13:00")) == "2026-07-01T15:30:00+01:00"
        assert quiet_until(*nap, london("2026-07-01T23:00")) == london("2026-07-01T23:00")

    def test_in_summer_it_is_the_clock_on_the_wall_that_counts(self):
        assert ends(NIGHT, dt.datetime(2026, 7, 1, 21, 30, tzinfo=dt.UTC)) == "2026-07-02T07:00:00+01:00"

    def test_the_night_in_spring_is_an_hour_shorter(self):
        evening = london("2026-03-28T23:00")
        assert ends(NIGHT, evening) == "2026-03-29T07:00:00+01:00"
        assert quiet_until(*NIGHT, evening) - evening.astimezone(dt.UTC) == dt.timedelta(hours=7)

    def test_the_night_in_autumn_is_an_hour_longer(self):
        evening = london("2026-10-24T23:00")
        assert ends(NIGHT, evening) == "2026-10-25T07:00:00+00:00"
        assert quiet_until(*NIGHT, evening) - evening.astimezone(dt.UTC) == dt.timedelta(hours=9)

    def test_an_end_that_the_clock_skips_is_the_next_time_it_shows(self):
        assert ends((dt.time(22), dt.time(1, 30)), london("2026-03-29T00:30")) == "2026-03-29T02:00:00+01:00"

    def test_hours_that_the_clock_shows_twice_are_quiet_twice(self):
        hours = (dt.time(22), dt.time(1, 30))
        assert ends(hours, london("2026-10-25T01:10", fold=0)) == "2026-10-25T01:30:00+01:00"
        assert ends(hours, london("2026-10-25T01:10", fold=1)) == "2026-10-25T01:30:00+00:00"

    def test_it_always_ends_where_it_is_not_quiet_any_more(self):
        for minutes in range(0, 60 * 24 * 2, 7):
            for hours in (
                NIGHT,
                (dt.time(1, 15), dt.time(1, 45)),
                (dt.time(0, 30), dt.time(2)),
                (dt.time(3), dt.time(1)),
            ):
                for day in ("2026-03-28T12:00", "2026-10-24T12:00"):
                    now = london(day).astimezone(dt.UTC) + dt.timedelta(minutes=minutes)
                    end = quiet_until(*hours, now)
                    assert now <= end <= now + dt.timedelta(hours=25)
                    assert quiet_until(*hours, end) == end


@pytest.mark.django_db
class TestNowQuiet:
    def asked(self, begins: dt.time, ends: dt.time, person) -> bool:
        Quiet.objects.update_or_create(person=person, defaults={"begins": begins, "ends": ends})
        return Quiet.objects.filter(NOW_QUIET).exists()

    def test_the_database_agrees_with_python(self, mia):
        now = dt.datetime.now(LONDON).replace(second=0, microsecond=0)
        for before in (-90, -30, -2, 2, 30, 90, 600):
            for after in (-600, -90, -2, 2, 90, 700):
                begins = (now + dt.timedelta(minutes=before)).time()
                ends = (now + dt.timedelta(minutes=after)).time()
                if begins != ends:
                    moment = dt.datetime.now(dt.UTC)
                    assert self.asked(begins, ends, mia) == (quiet_until(begins, ends, moment) > moment)
