"""Dates and times as GOV.UK writes them: 22 November 2026, 5:30pm."""

from __future__ import annotations

DATE_FORMAT = "j F Y"
TIME_FORMAT = "g:ia"
DATETIME_FORMAT = r"j F Y \a\t g:ia"
SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y g:ia"
THOUSAND_SEPARATOR = ","
