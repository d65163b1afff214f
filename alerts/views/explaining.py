"""Who may know of an alert, and why. Who sees it may ask about themselves; who follows how it fares, about all."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.requests import person_of
from alerts import explaining
from alerts.views.finding import found
from delivery import audience
from delivery import why as answers
from delivery.models import Recipient
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


@require_safe
def why_not(request: HttpRequest, reference: str) -> HttpResponse:
    """“Why did I not get this?”: what happened by each way; for who was not meant, whom it was for."""
    alert, person = found(request, reference), person_of(request)
    if alert.mailing is None:
        raise Http404
    rows = Recipient.objects.visible_to(person).filter(mailing=alert.mailing, person=person)
    mine = rows.select_related("mailing").prefetch_related("deliveries").first()
    context = {
        "alert": alert,
        "mine": mine,
        "ways": answers.ways(mine) if mine else [],
        "rule": audience.describe(alert.audience) if alert.audience and not mine else "",
    }
    return render(request, "alerts/why_not.html", context)
