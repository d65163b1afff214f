"""Alerts that nobody acknowledges: whom to call, the notes of calls, and after how long it comes to that."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from alerts import actions, calling
from alerts.climbing import ladder_of
from alerts.forms import LadderForm
from alerts.models import Call
from alerts.views.finding import found
from network import roles
from network.models import Network


@require_safe
def calls(request: HttpRequest, reference: str) -> HttpResponse:
    """The agencies to call about an alert, with the numbers this person sees in the directory; for who coordinates."""
    alert = found(request, reference)
    roles.require(request.user, "alert.call", alert)
    return render(request, "alerts/calls.html", {"alert": alert, "lines": calling.lines(alert, request.user)})


@require_POST
def called(request: HttpRequest, reference: str, agency: UUID) -> HttpResponse:
    """“Reached” or “No answer”: one press."""
    alert = found(request, reference)
    outcome = request.POST.get("outcome", "")
    done = "The call is noted. The agency stays on the list until somebody who leads it acknowledges the alert."
    pressed(request, done, actions.note_call, alert=alert, agency=agency, outcome=outcome, by=person_of(request))
    return redirect("alerts:calls", alert.reference)


@require_POST
def uncalled(request: HttpRequest, reference: str, call: UUID) -> HttpResponse:
    """Taking back the note of the last call."""
    alert, person = found(request, reference), person_of(request)
    row = get_object_or_404(Call.objects.visible_to(person).select_related("alert"), pk=call, alert=alert)
    pressed(request, "The note of the call is taken back.", actions.take_back_call, call=row, by=person)
    return redirect("alerts:calls", alert.reference)


@require_http_methods(["GET", "HEAD", "POST"])
def ladder(request: HttpRequest, prefix: str) -> HttpResponse:
    """After how many minutes this network's alerts go on to others; for its coordinators."""
    networks = Network.objects.visible_to(request.user).select_related("ladder")
    network = get_object_or_404(networks, prefix=prefix)
    roles.require(request.user, "ladder.edit", network)
    now = ladder_of(network)
    initial = {name: getattr(now, name) for name in LadderForm.base_fields}
    form = LadderForm(request.POST or None, initial=initial)
    told = {"network": network, "by": person_of(request)}
    if form.is_valid() and tried(form, actions.set_ladder, **told, **form.cleaned_data):
        messages.success(request, "Saved. It counts for alerts that are out as well.")
        return redirect("alerts:ladder", network.prefix)
    return render(request, "alerts/ladder.html", {"form": form, "network": network})
