"""What every page about one alert starts with."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms import Form
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from alerts.models import Alert


def found(request: HttpRequest, reference: str) -> Alert:
    """The alert, as far as this person may see it; otherwise 404, exactly as if there were none."""
    related = ("network", "agency", "audience", "mailing", "created_by", "submitted_by", "returned_by", "released_by")
    return get_object_or_404(
        Alert.objects.visible_to(request.user).select_related(*related, "withdrawn_by"), reference=reference
    )


def found_readable(request: HttpRequest, reference: str) -> Alert:
    """The same, and 403 where the person may know of it but not read it."""
    alert = found(request, reference)
    if not alert.shown:
        raise PermissionDenied("You may know of this alert, but not read it.")
    return alert


def tried(form: Form, action: Any, **arguments: Any) -> Alert | None:
    """What the action gives; None when it refused, with the reasons on the form so that nothing typed is lost."""
    try:
        alert: Alert = action(**arguments)
    except ValidationError as refused:
        known = hasattr(refused, "error_dict") and set(refused.error_dict) <= set(form.fields)
        form.add_error(None, refused if known else ValidationError(refused.messages))
        return None
    return alert


def pressed(request: HttpRequest, action: Any, **arguments: Any) -> bool:
    """For a form that is only a button: whether the action did it. If it refused, the next page says why."""
    try:
        action(**arguments)
    except ValidationError as refused:
        for text in refused.messages:
            messages.error(request, text)
        return False
    return True
