"""Keys for the systems of an agency, kept by its leads."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.deeds import pressed
from accounts.requests import person_of
from network import actions, standing
from network.forms.keys import KeyForm
from network.models import Agency, ApiKey
from network.visibility import LEADS

SCOPES = dict(ApiKey.Scope.choices)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def keys(request: HttpRequest) -> HttpResponse:
    """The keys of the agencies this lead leads, and a form for a new one. The secret is in this one answer only."""
    form = KeyForm(request.POST if request.method == "POST" else None, agencies=_led(request))
    if request.method == "POST" and form.is_valid():
        try:
            key, secret = actions.issue_key(**form.asked(), by=person_of(request))
            return render(request, "network/key_issued.html", {"key": key, "secret": secret})
        except ValidationError as refusal:
            form.add_error(None, refusal)
    return render(request, "network/keys.html", {"form": form, "keys": _rows(request)})


@require_http_methods(["GET", "HEAD", "POST"])
def end_key(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask once more, then end the key."""
    key = get_object_or_404(ApiKey.objects.visible_to(request.user), pk=pk)
    if request.method != "POST":
        return render(request, "network/end_key.html", {"key": key})
    done = "The key has ended. Nothing can use it any more."
    pressed(request, done, actions.end_key, key=key, by=person_of(request))
    return redirect("network:keys")


def _led(request: HttpRequest) -> QuerySet[Agency]:
    led = Agency.objects.visible_to(request.user).filter(pk__in=standing.of(request.user).agencies(*LEADS))
    if not led:
        raise PermissionDenied
    return led


def _rows(request: HttpRequest) -> list[dict[str, Any]]:
    seen = ApiKey.objects.visible_to(request.user).select_related("agency", "owner").order_by("agency__name", "-pk")
    live = set(ApiKey.objects.visible_to(request.user).live().values_list("pk", flat=True))
    over = set(ApiKey.objects.visible_to(request.user).filter(expires_at__lte=Now()).values_list("pk", flat=True))
    return [
        {
            "key": key,
            "state": _state(key, live=key.pk in live, over=key.pk in over),
            "scopes": [str(SCOPES.get(scope, scope)) for scope in key.scopes],
        }
        for key in seen
    ]


def _state(key: ApiKey, *, live: bool, over: bool) -> dict[str, str]:
    if live:
        return {"text": "Live", "colour": "green"}
    if key.ended_at:
        return {"text": "Ended", "colour": "grey"}
    return {"text": "Expired", "colour": "grey"} if over else {"text": "Not working", "colour": "yellow"}
