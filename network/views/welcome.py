"""The way in for who was invited: open to anyone, and the same page for every link that opens nothing.

The secret stands in the address only for as long as it takes to answer with a redirect: from there on its digest is in
the session. No other site is told where the person came from. The page with the form is not sent with “no-referrer”:
browsers would then not say where the form comes from either, and it would be refused as forged.
"""

from __future__ import annotations

from typing import Any

from allauth.account.internal.flows.login import perform_password_login
from allauth.account.models import Login
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.tokens import digest_of
from network import actions, inviting
from network.forms.people import JoinForm
from network.models import Invitation

KEPT = "lantern_invitation"


@login_not_required
@never_cache
@require_safe
@sensitive_variables("token")
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Take the secret out of the address. Whether it opens anything is not looked up here."""
    request.session[KEPT] = digest_of(token)
    answer = redirect("network:welcome")
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def welcome(request: HttpRequest) -> HttpResponse:
    """Who invites to what, and the form that accepts: a name and a password, or one press for who has an account."""
    digest = str(request.session.get(KEPT, ""))
    invitation = inviting.opened_by(digest)
    if invitation is None:
        return _opens_nothing(request)
    if isinstance(request.user, User):
        return _with_account(request, invitation, digest, request.user)
    if inviting.has_account(invitation):
        return render(request, "network/welcome_sign_in.html", _facts(invitation))
    return _new_account(request, invitation, digest)


def _with_account(request: HttpRequest, invitation: Invitation, digest: str, person: User) -> HttpResponse:
    if person.email.lower() != invitation.email:
        return render(request, "network/welcome_other.html", _facts(invitation), status=403)
    if request.method != "POST":
        return render(request, "network/welcome_accept.html", _facts(invitation))
    try:
        actions.accept(digest=digest, by=person)
    except PermissionDenied:
        return _opens_nothing(request)
    request.session.pop(KEPT, None)
    return redirect("home")


@sensitive_variables("form")
def _new_account(request: HttpRequest, invitation: Invitation, digest: str) -> HttpResponse:
    form = JoinForm(request.POST or None, initial={"name": invitation.name})
    if request.method != "POST" or not form.is_valid():
        return render(request, "network/welcome.html", {"form": form, **_facts(invitation)})
    name, password = form.cleaned_data["name"], form.cleaned_data["password"]
    try:
        person, _ = actions.join(digest=digest, name=name, password=password, by=request.user)
    except PermissionDenied:
        return _opens_nothing(request)
    except ValidationError as refusal:
        form.add_error("password", ValidationError(refusal.messages))
        return render(request, "network/welcome.html", {"form": form, **_facts(invitation)})
    request.session.pop(KEPT, None)
    login = Login(user=person, redirect_url=reverse("home"))
    answer: HttpResponse = perform_password_login(request, {"email": person.email}, login)
    return answer


def _facts(invitation: Invitation) -> dict[str, Any]:
    return {"invitation": invitation, "place": invitation.place, "role": invitation.get_role_display().lower()}


def _opens_nothing(request: HttpRequest) -> HttpResponse:
    """One page and one status for a link that is forged, used, cancelled, expired or unknown."""
    request.session.pop(KEPT, None)
    return render(request, "network/welcome_nothing.html", status=404)
