"""Who may know of an alert, and why. Who sees it may ask about themselves; who follows how it fares, about all."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from alerts import explaining
from alerts.views.finding import found
from network import telling
from network.forms.sight import SightForm


@require_safe
def who(request: HttpRequest, reference: str) -> HttpResponse:
    """Who may know of it and who may read it, now or on a past date; for other readers, why they themselves may."""
    alert = found(request, reference)
    context: dict[str, Any] = {"alert": alert, "own_reasons": explaining.of_oneself(alert, by=request.user)}
    if not explaining.may_ask(request.user, alert):
        return render(request, "alerts/why.html", context)
    form = SightForm(request.GET)
    context |= telling.page(explaining.of_alert(alert, by=request.user, at=form.moment), request.GET, form)
    context["csv_url"] = reverse("alerts:who_csv", args=[reference]) + context["query"]
    return render(request, "alerts/who.html", context)


@require_safe
def who_csv(request: HttpRequest, reference: str) -> HttpResponse:
    """The same people, to keep as a list. 403 for those who do not follow how the alert fares."""
    alert = found(request, reference)
    if not explaining.may_ask(request.user, alert):
        raise PermissionDenied("Your role does not let you ask who can see this.")
    form = SightForm(request.GET)
    return telling.sheet(explaining.of_alert(alert, by=request.user, at=form.moment), request.GET, form)
