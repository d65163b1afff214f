"""Trying a deed from a page: what an action refuses is said where the person looks, and nothing typed is lost."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpRequest


def tried(form: BaseForm, action: Any, **told: Any) -> Any:
    """What the action gives; None when it refused, with the reasons on the form beside what was typed."""
    try:
        return action(**told)
    except ValidationError as refused:
        known = hasattr(refused, "error_dict") and set(refused.error_dict) <= set(form.fields)
        form.add_error(None, refused if known else ValidationError(refused.messages))
        return None


def pressed(request: HttpRequest, done: str, action: Any, **told: Any) -> Any:
    """What the action gives, for a form that is only a button; None when it refused. The next page says `done`, or why
    not."""
    try:
        given = action(**told)
    except ValidationError as refused:
        for text in refused.messages:
            messages.error(request, text)
        return None
    messages.success(request, done)
    return given
