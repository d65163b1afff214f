"""The release sheet, and what can be done with an alert from there on."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from alerts import actions, board, climbed, desk
from alerts import release as releases
from alerts.forms import ReasonForm, ReleaseForm
from alerts.models import Alert
from alerts.views.finding import found, found_readable
from delivery import audience, operating, post


@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, reference: str) -> HttpResponse:
    """The release sheet: exactly who the alert would reach, and why; then releasing it to just these people."""
    alert, person = found_readable(request, reference), person_of(request)
    form = ReleaseForm(request.POST or None)
    if form.is_valid() and tried(form, actions.release, alert=alert, by=person, **form.cleaned_data):
        return redirect("alerts:sent", alert.reference)
    if alert.released_at:
        return redirect("alerts:detail", alert.reference)
    return render(request, "alerts/release.html", _sheet(alert, person) | {"form": form})


@require_POST
def submit(request: HttpRequest, reference: str) -> HttpResponse:
    """Handing an alert to the approvers."""
    alert = found(request, reference)
    done = f"{alert.reference} is waiting for approval. An approver will release or return it."
    if pressed(request, done, actions.submit, alert=alert, by=person_of(request)):
        return redirect("alerts:detail", alert.reference)
    return redirect("alerts:release", alert.reference)


@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: HttpRequest, reference: str) -> HttpResponse:
    """Returning an alert to its author, with a reason."""
    alert, person = found_readable(request, reference), person_of(request)
    desk.require_step("return", alert, person)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and tried(form, actions.return_to_author, alert=alert, by=person, **form.cleaned_data):
        messages.success(request, f"{alert.reference} has been returned to its author.")
        return redirect("alerts:inbox")
    return render(request, "alerts/return.html", {"form": form, "alert": alert})


@require_safe
def sent(request: HttpRequest, reference: str) -> HttpResponse:
    """What happened at release, and how far the emails have got."""
    alert, going = _going(request, reference)
    waits = not going["finished"] and operating.hold() is not None
    return render(request, "alerts/sent.html", {"alert": alert, "going": going, "waits": waits})


@require_safe
def progress(request: HttpRequest, reference: str) -> JsonResponse:
    """How far the emails have got, for the bar on the page."""
    return JsonResponse(_going(request, reference)[1])


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    """Taking a released alert back, with a reason."""
    alert, person = found(request, reference), person_of(request)
    if alert.withdrawn_at:
        return redirect("alerts:detail", alert.reference)
    desk.require_step("withdraw", alert, person)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and tried(form, actions.withdraw, alert=alert, by=person, **form.cleaned_data):
        messages.success(request, f"{alert.reference} has been withdrawn.")
        return redirect("alerts:detail", alert.reference)
    return render(request, "alerts/withdraw.html", {"form": form, "alert": alert})


def _sheet(alert: Alert, person: Any) -> dict[str, Any]:
    sheet = releases.sheet(alert)
    agencies = [(name, list(people)) for name, people in groupby(sheet.people, lambda named: named.agency)]
    return {
        "alert": alert,
        "sheet": sheet,
        "agencies": agencies,
        "rule": audience.describe(alert.audience) if alert.audience else "",
        "first": sheet.people[0] if sheet.people else None,
        "letter": releases.preview(alert, _path(alert), sheet.people[0]) if sheet.people else None,
        "steps": desk.steps(alert, person, sheet),
        "plan": climbed.plan(alert),
        "wrote": person.pk in releases.makers(alert),
    }


def _path(alert: Alert) -> str:
    return reverse("alerts:detail", args=[alert.reference])


def _going(request: HttpRequest, reference: str) -> tuple[Alert, dict[str, Any]]:
    """The alert and, in words and numbers, how its emails go: for those who follow it with everyone."""
    alert = found(request, reference)
    if alert.mailing is None or not board.sees_all(alert, request.user):
        raise PermissionDenied("Only those who run the network can follow how an alert goes out.")
    now = post.progress(alert.mailing)
    going = {"done": now.total - now.waiting, "total": now.total, "text": now.words, "finished": now.finished}
    return alert, going
