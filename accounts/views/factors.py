"""Second factors: setting up the first, and keeping them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, codes, confirming, devices, factors, sessions
from accounts.addresses import ours_or_home
from accounts.forms import AppForm, NewPasskeyForm
from accounts.models import AddressChange, Identity
from accounts.requests import person_of
from accounts.sealing import seal, unseal

SECRET = "lantern_app_secret"  # noqa: S105  where in the session a secret waits, sealed
WAITING = "second factor being set up"
either = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def set_up(request: HttpRequest) -> HttpResponseBase:
    """Choose the first second factor. Who has one already gives it instead."""
    person, there = person_of(request), _next(request)
    if factors.has_any(person):
        return confirming.ask_first(request, person) if person.factor_at is None else redirect("account_overview")
    return render(request, "account/set_up.html", {"next": urlencode({"next": there})})


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Your sign-in: factors, password, and where you are signed in."""
    person = person_of(request)
    held = factors.of(person)
    context = {
        "factors": [_described(factor) for factor in held],
        "has_app": any(factor.type == factors.Kind.TOTP for factor in held),
        "codes_left": factors.codes_left(person),
        "places": sessions.places(person, request.session.session_key),
        "change": AddressChange.objects.visible_to(person).open().first(),
        "identities": list(Identity.objects.visible_to(person)),
    }
    return render(request, "account/overview.html", context)


@sensitive_variables()
@sensitive_post_parameters()
@either
def app(request: HttpRequest) -> HttpResponseBase:
    """Set up an authenticator app, or another in place of the one before."""
    person = person_of(request)
    _require_fresh_unless_first(request)
    secret = _secret_waiting(request)
    form = AppForm(request.POST or None, secret=secret)
    if request.method == "POST" and form.is_valid():
        added = actions.add_app(secret=secret, period=form.period, by=person)
        del request.session[SECRET]
        return _done(request, added, "Your authenticator app is set up.")
    shown = {"picture": codes.picture(person, secret), "secret": codes.in_groups(secret)}
    return render(request, "account/app.html", {"form": form, "next": _next(request), **shown})


@either
def passkey(request: HttpRequest) -> HttpResponseBase:
    """Make a passkey on this device, and give it a name."""
    person = person_of(request)
    _require_fresh_unless_first(request)
    named = devices.in_words(request.headers.get("User-Agent", ""))
    form = NewPasskeyForm(request.POST or None, user=person, initial={"name": named})
    if request.method == "POST" and form.is_valid():
        made = form.cleaned_data
        added = actions.add_passkey(name=made["name"], credential=made["credential"], by=person)
        return _done(request, added, f"The passkey “{made['name']}” is set up.")
    options = webauthn.begin_registration(person, passwordless=True)
    return render(request, "account/passkey.html", {"form": form, "options": options, "next": _next(request)})


@require_POST
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes, shown in answer to this press and never again."""
    made = actions.renew_recovery_codes(by=person_of(request))
    return _shown_once(request, made, reverse("account_overview"))


@either
def remove(request: HttpRequest, number: int) -> HttpResponseBase:
    """Ask, then take a factor away."""
    person = person_of(request)
    factor = next((each for each in factors.of(person) if each.pk == number), None)
    if factor is None:
        raise Http404
    factors.require_fresh(person)
    if request.method == "POST":
        try:
            actions.remove_factor(factor=factor, by=person)
        except ValidationError as problem:
            messages.error(request, problem.messages[0])
        else:
            messages.success(request, "It is removed.")
        return redirect("account_overview")
    return render(request, "account/remove_factor.html", {"factor": _described(factor)})


def _described(factor: Authenticator) -> dict[str, Any]:
    is_app = factor.type == factors.Kind.TOTP
    name = "Authenticator app" if is_app else factor.data["name"]
    kind = "App" if is_app else "Passkey"
    return {
        "pk": factor.pk,
        "name": name,
        "kind": kind,
        "added_at": factor.created_at,
        "used_at": factor.last_used_at,
    }


def _require_fresh_unless_first(request: HttpRequest) -> None:
    """Before anything is shown: the action asks again when it comes to it."""
    person = person_of(request)
    if factors.has_any(person):
        factors.require_fresh(person)


def _secret_waiting(request: HttpRequest) -> str:
    """The secret that this session is setting up, the same until it is used. Sealed, for sessions are rows as well."""
    if SECRET not in request.session:
        request.session[SECRET] = seal(codes.new_secret(), WAITING)
    return unseal(request.session[SECRET], WAITING)


def _done(request: HttpRequest, added: actions.Added, words: str) -> HttpResponseBase:
    """The session has given the new factor; recovery codes if there are new ones, else the overview."""
    factors.give(request, added.factor)
    there = ours_or_home(request.POST.get("next", ""))
    if added.recovery_codes:
        return _shown_once(request, added.recovery_codes, there)
    messages.success(request, words)
    return redirect("account_overview")


def _shown_once(request: HttpRequest, made: list[str], there: str) -> HttpResponse:
    return render(request, "account/recovery_codes.html", {"codes": made, "there": there, "text": "\r\n".join(made)})


def _next(request: HttpRequest) -> str:
    return ours_or_home(request.POST.get("next") or request.GET.get("next", ""))
