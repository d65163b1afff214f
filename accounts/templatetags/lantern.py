"""What templates need beside Django's own tags: `{% load lantern %}`. None of these reads the database."""

from __future__ import annotations

import datetime as dt
import json
import re

from django import forms, template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from accounts import dates, rendering

register = template.Library()


@register.filter
def govuk(form: forms.BaseForm) -> forms.BaseForm:
    """`{{ form|govuk }}`: another package's form, rendered like ours."""
    return rendering.dress(form)


@register.filter
def error_links(form: object) -> list[rendering.ErrorLink]:
    """The lines of the error summary of any form; none for what is not a form."""
    return rendering.error_links(form) if isinstance(form, forms.BaseForm) else []


@register.filter
def day(value: dt.date | dt.datetime | None) -> str:
    """`22 November 2026`; empty for none."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value).date()
    return f"{value.day} {value:%B %Y}" if value else ""


@register.filter
def clock(value: dt.datetime | dt.time | None) -> str:
    """`5:30pm`, `midday`; empty for none."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value)
    return dates.written(value) if value is not None else ""


@register.filter
def moment(value: dt.datetime | None) -> str:
    """`22 November 2026 at 5:30pm`; empty for none."""
    return f"{day(value)} at {clock(value)}" if value else ""


@register.filter
def tel(number: object) -> str:
    """A phone number as a `tel:` address: `tel:08000121700`."""
    return "tel:" + re.sub(r"[^0-9+]", "", str(number))


@register.filter
def slugged(label: object) -> str:
    """A label as the end of a class name: `OFFICIAL-SENSITIVE` and `AMBER+STRICT` become lower case with hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", str(label).lower().removeprefix("tlp:")).strip("-")


@register.filter
def as_json(value: object) -> str:
    """For an attribute that our script reads; the template escapes it like any other text."""
    return json.dumps(value, cls=DjangoJSONEncoder)
