"""Writing an alert and choosing whom it is for."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.deeds import tried
from accounts.requests import person_of
from alerts import actions, desk
from alerts.forms import AlertForm
from alerts.release import CONTENT
from alerts.views.finding import found_readable
from delivery.forms import AudienceForm


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Writing a new alert; then on to whom it is for."""
    person = person_of(request)
    form = AlertForm(request.POST or None, networks=desk.writable_networks(person))
    if not form.fields["network"].queryset:  # type: ignore[attr-defined]
        raise PermissionDenied("Your role does not let you write alerts.")
    if form.is_valid():
        network = form.cleaned_data.pop("network")
        alert = tried(form, actions.draft, network=network, content=form.cleaned_data, by=person)
        if alert:
            return redirect("alerts:address", alert.reference)
    return render(request, "alerts/new.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Changing what an alert says or how it is marked, until it is released."""
    alert, person = found_readable(request, reference), person_of(request)
    desk.require_step("edit", alert, person)
    form = AlertForm(request.POST or None, initial={name: getattr(alert, name) for name in CONTENT})
    if form.is_valid() and tried(form, actions.edit, alert=alert, content=form.cleaned_data, by=person):
        return redirect("alerts:detail", alert.reference)
    return render(request, "alerts/edit.html", {"form": form, "alert": alert})


@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, reference: str) -> HttpResponse:
    """Choosing whom an alert is for; then on to the release sheet."""
    alert, person = found_readable(request, reference), person_of(request)
    desk.require_step("edit", alert, person)
    form = AudienceForm(request.POST or None, by=person, network=alert.network, audience=alert.audience)
    if form.is_valid() and tried(form, actions.address, alert=alert, choice=form.choice, by=person):
        return redirect("alerts:release", alert.reference)
    named = {name: bool(form[name].errors or form[name].value()) for name in ("agencies", "excluded")}
    return render(request, "alerts/address.html", {"form": form, "alert": alert, "named": named})
