"""What may be asked about who can see a thing: when, and whom."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.rendering import Form, GovukDateField, GovukDateTimeField
from network.rosters import after, first_moment


class MomentForm(Form):
    """A past moment, empty for now."""

    mark_optional: ClassVar[bool] = False

    at = GovukDateTimeField(
        label="When", required=False, help_text="Leave it empty for now. For example, 27 3 2026 at 5:30pm"
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_valid()

    def clean_at(self) -> dt.datetime | None:
        """Only what has been can be told."""
        at: dt.datetime | None = self.cleaned_data["at"]
        if at and at > timezone.now():
            raise ValidationError("When must be in the past", params={"parts": ("day", "month", "year", "time")})
        return at

    @property
    def moment(self) -> dt.datetime | None:
        """The past moment asked about; None for now."""
        return self.cleaned_data.get("at")


class SightForm(MomentForm):
    """The same, and words to find somebody by."""

    q = forms.CharField(label="Name or agency", max_length=120, required=False)

    field_order = ("q", "at")

    @property
    def words(self) -> str:
        """The words to find somebody by."""
        return str(self.cleaned_data.get("q", ""))


class BetweenForm(Form):
    """Two days; the second included."""

    mark_optional: ClassVar[bool] = False

    since = GovukDateField(label="From")
    until = GovukDateField(label="To")

    def clean(self) -> dict[str, Any]:
        """In order, and not in the future."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", "To must be the same day as From, or later")
        if since and since > timezone.localdate():
            self.add_error("since", "From must be in the past")
        return given

    @property
    def span(self) -> tuple[dt.datetime, dt.datetime]:
        """From the beginning of the first day to the end of the second, or to now if that is earlier."""
        first, last = self.cleaned_data["since"], self.cleaned_data["until"]
        return first_moment(first), min(after(last), timezone.now())
