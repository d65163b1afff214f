"""Signing in and out, and a password that was forgotten: what differs from django-allauth's own pages."""

from __future__ import annotations

from allauth.account import views as allauth
from allauth.account.internal.decorators import login_stage_required
from allauth.core import ratelimit
from allauth.mfa.stages import AuthenticateStage
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts import factors, links
from accounts.forms import ConfirmForm, ForgottenForm

either = require_http_methods(["GET", "HEAD", "POST"])


@login_stage_required(stage=AuthenticateStage.key, redirect_urlname="account_login")  # type: ignore[untyped-decorator]
@sensitive_post_parameters()
@either
def second_step(request: HttpRequest) -> HttpResponseBase:
    """After the password, or what stood in for it: a code or a passkey. allauth keeps who is half-way in."""
    stage = vars(request)["_login_stage"]
    person = stage.login.user
    if not person.is_active or not factors.has_any(person):
        aborted: HttpResponseBase = stage.abort()
        return aborted
    form = ConfirmForm(request.POST if request.method == "POST" else None, request=request, person=person)
    if form.is_valid() and form.factor is not None:
        factors.give(request, form.factor)
        inside: HttpResponseBase = stage.exit()
        return inside
    vars(request)["asks_for_code_of"] = person  # the demonstration helps with it
    return render(request, "account/second_step.html", {"form": form, "challenge": factors.challenge(person)})


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session. Only by POST: a link that somebody else made you follow must not sign you out."""
    answer: HttpResponseBase = allauth.logout(request)
    return answer


@login_not_required
@either
def forgotten(request: HttpRequest) -> HttpResponseBase:
    """Ask for a link to choose a new password. The same is done for every address."""
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return render(request, "account/password_reset.html", {"form": form})
    email = form.cleaned_data["email"].lower()
    refused: HttpResponseBase | None = ratelimit.consume_or_429(request, action="reset_password", key=email)
    if refused is not None:
        return refused
    links.ask(email)
    return redirect("account_reset_password_done")


def set_password(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001  the name belongs to an address
    """Who has no password yet sets one by the link in an email: that proves whose mailbox it is."""
    return redirect("account_reset_password")
