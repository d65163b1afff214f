"""Dates and times as people write them: three boxes for a date, "5:30pm" for a time.

Rules: GOV.UK Design System, "Date input" — day, month and year each in a box of its own, an example to follow, a month
may be a word, and the message names the part that is missing. No calendar to click."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, NoReturn

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import from_current_timezone, to_current_timezone

from accounts.messages import sentence_start

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DATE_HINT = "For example, 27 3 2007"
TIME_HINT = "For example, 5:30pm"
TIME = re.compile(r"(\d{1,2})(?:[:. ]?(\d{2}))?\s*([ap])?\.?(?:m\.?)?")
NAMED_TIMES = {"midday": dt.time(12), "noon": dt.time(12), "midnight": dt.time(0)}


class Typed(dict[str, str]):
    """What was typed into the boxes, by part, so that a page with errors can show it again."""


class PartsWidget(forms.Widget):
    """Several boxes for one value: `<name>_day`, `<name>_month` and so on."""

    template_name = "forms/widgets/parts.html"
    use_fieldset = True
    parts: ClassVar[Sequence[str]] = ()
    wrong: Sequence[str] = ()
    has_error = False

    @property
    def first_wrong(self) -> str:
        """The first box to put right."""
        return next((part for part in self.parts if part in self.wrong), self.parts[0])

    def id_for_label(self, id_: str | None) -> str:
        """Empty: the boxes have labels of their own."""
        return ""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """What was typed, part by part."""
        return Typed({part: str(data.get(f"{name}_{part}", "")).strip() for part in self.parts})

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """True when no box was sent."""
        return not any(f"{name}_{part}" in data for part in self.parts)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Adds one entry per box."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        typed = value if isinstance(value, Typed) else self.taken_apart(value)
        base = context["widget"]["attrs"].get("id") or f"id_{name}"
        context["widget"]["boxes"] = [
            {
                "name": f"{name}_{part}",
                "id": f"{base}_{part}",
                "label": part.capitalize(),
                "value": typed.get(part, ""),
                "numeric": part != "time",
                "width": {"year": 4, "time": 5}.get(part, 2),
                "wrong": self.has_error and (not self.wrong or part in self.wrong),
            }
            for part in self.parts
        ]
        return context

    def taken_apart(self, value: Any) -> dict[str, str]:
        """A value as the text of each box."""
        raise NotImplementedError


class DateParts(PartsWidget):
    """Day, month, year."""

    parts: ClassVar[Sequence[str]] = ("day", "month", "year")

    def taken_apart(self, value: Any) -> dict[str, str]:
        return {part: str(getattr(value, part)) for part in ("day", "month", "year")} if value else {}


class DateTimeParts(DateParts):
    """Day, month, year and a time."""

    parts: ClassVar[Sequence[str]] = ("day", "month", "year", "time")

    def taken_apart(self, value: Any) -> dict[str, str]:
        parts = super().taken_apart(value)
        return {**parts, "time": written(value)} if isinstance(value, dt.datetime) else parts


class GovukDateField(forms.Field):
    """A day. Cleans to a `date`; raises `ValidationError` that names the part to put right."""

    widget: Any = DateParts
    default_error_messages: ClassVar[dict[str, Any]] = {
        "incomplete": "%(label)s must include a %(missing)s",
        "unreal": "%(label)s must be a real date",
        "year": "Year must include 4 numbers",
    }

    def __init__(self, *, help_text: str = DATE_HINT, **kwargs: Any) -> None:
        super().__init__(help_text=help_text, **kwargs)

    def to_python(self, value: Any) -> Any:
        """The date; None if nothing was entered."""
        if isinstance(value, dt.date) or value in self.empty_values:
            return value or None
        return self.day_from(value) if any(value.values()) else None

    def day_from(self, typed: Typed) -> dt.date:
        """The date in the three boxes."""
        missing = [part for part in ("day", "month", "year") if not typed.get(part)]
        if missing:
            self.refuse("incomplete", missing, missing=" and ".join(missing))
        if not re.fullmatch(r"\d{4}", typed["year"]):
            self.refuse("year", ["year"])
        try:
            return dt.date(int(typed["year"]), month_number(typed["month"]), int(typed["day"]))
        except ValueError:
            self.refuse("unreal", ["day", "month", "year"])

    def refuse(self, code: str, parts: Sequence[str], **words: str) -> NoReturn:
        """Raise the message of this code, marking the boxes concerned (none named: all of them)."""
        params = {"label": sentence_start(str(self.label or "Date")), "parts": tuple(parts), **words}
        raise ValidationError(self.error_messages[code], code=code, params=params)


class GovukDateTimeField(GovukDateField):
    """A day and a time, cleaned to a moment in the site's time zone."""

    widget = DateTimeParts
    default_error_messages: ClassVar[dict[str, Any]] = {
        "time": "Enter a time like 5:30pm",
        "clocks": "%(label)s is in the hour when the clocks change. Choose another time",
    }

    def __init__(self, *, help_text: str = "For example, 27 3 2007 at 5:30pm", **kwargs: Any) -> None:
        super().__init__(help_text=help_text, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A moment as the clock on the wall shows it."""
        return to_current_timezone(value) if isinstance(value, dt.datetime) else value

    def to_python(self, value: Any) -> Any:
        """The moment; None if nothing was entered."""
        if isinstance(value, dt.datetime) or value in self.empty_values:
            return value or None
        if not any(value.values()):
            return None
        day, time = self.day_from(value), parse_time(value.get("time", ""))
        if time is None:
            self.refuse("time", ["time"])
        return self.moment(day, time)

    def moment(self, day: dt.date, time: dt.time) -> Any:
        """Both together, refused when the clocks make that time doubtful."""
        try:
            return from_current_timezone(dt.datetime.combine(day, time))
        except ValidationError:
            self.refuse("clocks", ["time"])


class GovukTimeField(forms.CharField):
    """A time of day such as "5:30pm" or "17:30", cleaned to a `time`."""

    default_error_messages: ClassVar[dict[str, Any]] = {"time": "Enter a time like 5:30pm"}

    def __init__(self, *, help_text: str = TIME_HINT, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.TextInput(attrs={"class": "govuk-input--width-5"}))
        super().__init__(help_text=help_text, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A time as it is written."""
        return written(value) if isinstance(value, dt.time) else value

    def to_python(self, value: Any) -> Any:
        """The time; None if nothing was entered."""
        if isinstance(value, dt.time) or value in self.empty_values:
            return value or None
        time = parse_time(str(value))
        if time is None:
            raise ValidationError(self.error_messages["time"], code="time")
        return time


def month_number(text: str) -> int:
    """1 to 12 from "3", "03", "Mar" or "March". Raises ValueError."""
    return int(text) if text.isascii() and text.isdigit() else MONTHS.index(text[:3].lower()) + 1


def parse_time(text: str) -> dt.time | None:
    """The time meant by "5:30pm", "5.30 pm", "5pm", "17:30", "midday"; None if it is none."""
    text = text.strip().lower()
    if text in NAMED_TIMES:
        return NAMED_TIMES[text]
    match = TIME.fullmatch(text)
    if not match or not (match[2] or match[3]):
        return None
    return _time(int(match[1]), int(match[2] or 0), match[3])


def _time(hour: int, minute: int, half: str | None) -> dt.time | None:
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None


def written(value: dt.time | dt.datetime) -> str:
    """A time as GOV.UK writes it: "5:30pm", "5pm", "midday", "midnight"."""
    if (value.hour, value.minute) in {(0, 0), (12, 0)}:
        return "midday" if value.hour else "midnight"
    minutes = f":{value.minute:02}" if value.minute else ""
    return f"{(value.hour - 1) % 12 + 1}{minutes}{'pm' if value.hour >= 12 else 'am'}"
