"""Opening hours, as typed, as read out, and now."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from directory import opening
from directory.filters import Wanted
from directory.models import OpeningHours
from directory.opening import Span
from directory.reading import Found
from tests.directory.factories import ListingFactory, OpeningHoursFactory

MIDNIGHT = dt.time(0)


class TestReadDay:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("", []),
            ("closed", []),
            ("24 hours", [Span(0, MIDNIGHT, None)]),
            ("9am to 5pm", [Span(0, dt.time(9), dt.time(17))]),
            ("9:30am - midday, 1pm–5pm", [Span(0, dt.time(9, 30), dt.time(12)), Span(0, dt.time(13), dt.time(17))]),
            ("6pm to midnight", [Span(0, dt.time(18), None)]),
            ("8pm to 6am", [Span(0, dt.time(20), None), Span(1, MIDNIGHT, dt.time(6))]),
        ],
    )  # fmt: skip
    def test_understands_what_people_write(self, text, expected):
        assert opening.read_day(0, text) == expected

    @pytest.mark.parametrize(
        "text", ["nine to five", "9am", "9am to", "to 5pm", "9am to 5pm to 6pm", "25:00 to 26:00", ","]
    )
    def test_refuses_what_it_cannot_read(self, text):
        with pytest.raises(ValidationError):
            opening.read_day(0, text)

    def test_goes_from_sunday_night_into_monday(self):
        assert opening.read_day(6, "10pm to 2am")[1] == Span(0, MIDNIGHT, dt.time(2))


class TestSentence:
    @pytest.mark.parametrize("text", ["9am to 5pm", "24 hours", "Closed", "9am to midday, 1pm to midnight"])
    def test_reads_back_as_it_was_typed(self, text):
        assert opening.sentence(opening.merged(opening.read_day(2, text))) == text


class TestMerged:
    def test_joins_what_touches(self):
        spans = [Span(0, dt.time(9), dt.time(12)), Span(0, dt.time(12), None), Span(0, dt.time(10), dt.time(11))]
        assert opening.merged(spans) == [Span(0, dt.time(9), None)]


class TestOpenNow:
    @pytest.mark.parametrize(
        ("moment", "is_open"),
        [
            ((2026, 11, 23, 8, 59), False),
            ((2026, 11, 23, 9, 0), True),
            ((2026, 11, 23, 16, 59), True),
            ((2026, 11, 23, 17, 0), False),
            ((2026, 11, 24, 10, 0), False),
            ((2026, 6, 22, 9, 30), True),  # 8:30 by Greenwich: the clock on the wall counts
            ((2026, 6, 22, 17, 30), False),
        ],
    )
    def test_says_the_same_of_a_row_and_of_the_list(self, moment, is_open, haven, anonymous, monkeypatch):
        OpeningHoursFactory(listing=ListingFactory(agency=haven, access="public"))
        at = dt.datetime(*moment, tzinfo=ZoneInfo("Europe/London")).astimezone(dt.UTC)
        monkeypatch.setattr("django.utils.timezone.now", lambda: at)
        assert opening.is_open(OpeningHours.objects.all()) is is_open
        assert Found(anonymous, Wanted(open_now=True)).counts().total == is_open
