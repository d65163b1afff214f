from __future__ import annotations

import datetime as dt

import pytest

from training.forms import SessionForm


def filled(**more):
    return {
        "starts_at_day": "1",
        "starts_at_month": "7",
        "starts_at_year": "2027",
        "starts_at_time": "5:30pm",
        "ends_at": "7pm",
        "place": "Town hall",
        "capacity": "12",
        **more,
    }


class TestSessionForm:
    def test_takes_times_as_the_clock_on_the_wall_shows_them(self):
        form = SessionForm(filled())
        assert form.is_valid(), form.errors
        assert form.cleaned_data["starts_at"] == dt.datetime(2027, 7, 1, 16, 30, tzinfo=dt.UTC)
        assert form.cleaned_data["ends_at"] == dt.datetime(2027, 7, 1, 18, tzinfo=dt.UTC)

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"starts_at_time": "half five"}, "starts_at"),
            ({"starts_at_month": "13"}, "starts_at"),
            ({"ends_at": "late"}, "ends_at"),
            ({"capacity": "0"}, "capacity"),
            ({"capacity": "many"}, "capacity"),
            ({"url": "http://meet.example/"}, "url"),
            # On 28 March 2027 the clocks go from 1am to 2am: there is no half past one.
            (
                {"starts_at_day": "28", "starts_at_month": "3", "starts_at_time": "12:30am", "ends_at": "1:30am"},
                "ends_at",
            ),
        ],
    )
    def test_names_the_field_to_put_right(self, wrong, field):
        assert list(SessionForm(filled(**wrong)).errors) == [field]
