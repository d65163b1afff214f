"""What every page about one alert starts with."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from alerts.models import Alert


def found(request: HttpRequest, reference: str) -> Alert:
    """The alert, as far as this person may see it; otherwise 404, exactly as if there were none."""
    people = ("created_by", "submitted_by", "returned_by", "released_by", "withdrawn_by")
    alerts = Alert.objects.visible_to(request.user)
    related = alerts.select_related("network__ladder", "agency", "audience", "mailing", *people)
    return get_object_or_404(related, reference=reference)


def found_readable(request: HttpRequest, reference: str) -> Alert:
    """The same, and 403 where the person may know of it but not read it."""
    alert = found(request, reference)
    if not alert.shown:
        raise PermissionDenied("You may know of this alert, but not read it.")
    return alert
