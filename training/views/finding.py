"""What every page about one session starts with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from training.models import Session


def found(request: HttpRequest, pk: UUID) -> Session:
    """The session, if this person may see it; otherwise 404, exactly as if there were none."""
    rows = Session.objects.visible_to(request.user).select_related("course__network", "audience", "mailing")
    return get_object_or_404(rows, pk=pk)


def tried(form: Form, action: Any, **told: Any) -> Any:
    """What the action gives; None when it refused, with the reasons on the form so that nothing typed is lost."""
    try:
        return action(**told)
    except ValidationError as refused:
        known = hasattr(refused, "error_dict") and set(refused.error_dict) <= set(form.fields)
        form.add_error(None, refused if known else ValidationError(refused.messages))
        return None


def pressed(request: HttpRequest, done: str, action: Any, **told: Any) -> bool:
    """For a form that is only a button: says `done`, or why it was refused, on the next page."""
    try:
        action(**told)
    except ValidationError as refused:
        for text in refused.messages:
            messages.error(request, text)
        return False
    messages.success(request, done)
    return True
