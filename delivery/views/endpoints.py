"""Webhooks of an agency: which there are, what they were told, and how it went. For its leads."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from delivery import hooks
from delivery.actions import endpoints as actions
from delivery.channels.webhook import key_of
from delivery.forms.endpoints import EndpointForm
from delivery.models import Delivery, Endpoint, Mailing
from network import standing
from network.models import Agency
from network.visibility import LEADS

SHOWN = 50  # deliveries on the page of a webhook
State = Delivery.State
COLOURS = {State.SENT: "green", State.DELIVERED: "green", State.FAILED: "red", State.UNSURE: "yellow"}
UNKNOWN = "A message that you cannot see"
TEST = "Test"
UNDER_WAY = {State.QUEUED: "Waiting", State.SENDING: "Being sent", State.UNSURE: "Not answered yet"}


@require_safe
def webhooks(request: HttpRequest) -> HttpResponse:
    """Those of the agencies one leads, with how each fares."""
    agencies = _led(request)
    live = set(Endpoint.objects.visible_to(request.user).live().values_list("pk", flat=True))
    seen = Endpoint.objects.visible_to(request.user).select_related("agency", "owner").order_by("agency__name", "-pk")
    found: list[Any] = list(hooks.with_news(seen))
    known = hooks.known_to(person_of(request), {row.trouble_about for row in found if row.trouble_about})
    rows = [{**_row(row, live), "about": row.trouble_with if row.trouble_about in known else ""} for row in found]
    return render(request, "delivery/webhooks.html", {"rows": rows, "several": len(agencies) > 1})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables("secret", "made")
def add_webhook(request: HttpRequest) -> HttpResponse:
    """A form; then the secret, in this one answer and nowhere else."""
    form = EndpointForm(request.POST if request.method == "POST" else None, agencies=_led(request))
    if form.is_valid():
        made = tried(form, actions.add, **form.cleaned_data, by=person_of(request))
        if made:
            endpoint, secret = made
            return render(request, "delivery/webhook_added.html", {"endpoint": endpoint, "secret": secret})
    return render(request, "delivery/add_webhook.html", {"form": form})


@require_safe
def webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The last messages it was told of, and how that went."""
    endpoint = _seen(request, pk)
    is_live = Endpoint.objects.visible_to(request.user).live().filter(pk=pk).exists()
    rows = list(hooks.log(endpoint)[:SHOWN])
    again = hooks.may_go_again(endpoint, rows) if is_live else set()
    known = hooks.known_to(person_of(request), {row.mailing_id for row in rows})
    context = {
        "endpoint": endpoint,
        "state": _state(endpoint, is_live=is_live),
        "is_live": is_live,
        "deliveries": [_told(row, may=row.pk in again, known=row.mailing_id in known) for row in rows],
        "is_gone": bool(rows) and rows[0].state == State.FAILED and rows[0].detail.startswith("410"),
        "shown": SHOWN,
        "more": len(rows) == SHOWN,
    }
    return render(request, "delivery/webhook.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def end_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask once more, then end it."""
    endpoint = _seen(request, pk)
    if request.method != "POST":
        return render(request, "delivery/end_webhook.html", {"endpoint": endpoint})
    done = "The webhook has ended. It is told nothing more."
    pressed(request, done, actions.end, endpoint=endpoint, by=person_of(request))
    return redirect("delivery:webhooks")


@require_POST
def send_again(request: HttpRequest, pk: UUID, delivery: int) -> HttpResponse:
    """Send one of the log once more."""
    endpoint = _seen(request, pk)
    of_its_log = hooks.log(endpoint).order_by().values("pk")
    row = get_object_or_404(Delivery.objects.visible_to(request.user), pk__in=of_its_log, pk=delivery)
    told = {"endpoint": endpoint, "delivery": row, "by": person_of(request)}
    pressed(request, "It is on its way again.", actions.send_again, **told)
    return redirect("delivery:webhook", pk)


@require_POST
def test_webhook(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send it a test, which its log shows."""
    done = "The test is on its way. Open this page again in a moment to see how it went."
    pressed(request, done, actions.send_test, endpoint=_seen(request, pk), by=person_of(request))
    return redirect("delivery:webhook", pk)


def _led(request: HttpRequest) -> QuerySet[Agency]:
    led = Agency.objects.visible_to(request.user).filter(pk__in=standing.of(request.user).agencies(*LEADS))
    if not led:
        raise PermissionDenied
    return led


def _seen(request: HttpRequest, pk: UUID) -> Endpoint:
    rows = Endpoint.objects.visible_to(request.user).select_related("agency", "owner")
    found: Endpoint = get_object_or_404(rows, pk=pk)
    return found


def _row(endpoint: Endpoint, live: set[UUID]) -> dict[str, Any]:
    host = urlsplit(endpoint.url).hostname
    return {"endpoint": endpoint, "host": host, "state": _state(endpoint, is_live=endpoint.pk in live)}


def _state(endpoint: Endpoint, *, is_live: bool) -> dict[str, str]:
    if is_live:
        return {"text": "Live", "colour": "green"}
    if endpoint.ended_at:
        return {"text": "Ended", "colour": "grey"}
    return {"text": "Not working", "colour": "yellow"}


def _told(row: Delivery, *, may: bool, known: bool) -> dict[str, Any]:
    state = State(row.state)
    name = row.mailing.reference if known else UNKNOWN
    return {
        "delivery": row,
        "message": TEST if row.mailing.kind == Mailing.Kind.NOTICE else name,
        "key": key_of(row.mailing_id, row.pk),
        "state": UNDER_WAY.get(state, "Taken" if state in {State.SENT, State.DELIVERED} else state.label),
        "colour": COLOURS.get(state, "blue" if state in UNDER_WAY else "grey"),
        "at": row.sent_at or row.finished_at,
        "is_due": row.due_at <= timezone.now(),
        "may_again": may,
    }
