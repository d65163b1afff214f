"""Signing in with an organisation's own account, and linking one."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import actions, organisations
from accounts.addresses import ours_or_home
from accounts.factors import require_fresh
from accounts.models import Identity, User
from accounts.organisations import Answer, Errand, Refused
from accounts.requests import person_of

TROUBLE = "Your organisation did not confirm who you are. Try again, or sign in with your password."
NOT_LINKED = "That account is not linked to one here. Sign in with your password, then link it under “Your sign-in”."


@login_not_required
@require_safe
def begin(request: HttpRequest) -> HttpResponseBase:
    """Go to the provider to sign in. A link, so that it works through whatever the provider leads to."""
    _only_where_configured()
    if request.user.is_authenticated:
        return redirect("home")
    try:
        return redirect(organisations.begin(request, Errand("", ours_or_home(request.GET.get("next", "")))))
    except Refused:
        messages.error(request, TROUBLE)
        return redirect("account_login")


@require_POST
def link(request: HttpRequest) -> HttpResponse:
    """Begin to link the provider's account to one's own: only with a second factor given just now."""
    _only_where_configured()
    person = person_of(request)
    require_fresh(person)
    try:
        there = organisations.begin(request, Errand(str(person.pk), "/"))
    except Refused:
        messages.error(request, "Your organisation cannot be reached. Try again later.")
        return redirect("account_overview")
    return render(request, "account/link_organisation.html", {"there": there})


@login_not_required
@require_safe
def back(request: HttpRequest) -> HttpResponseBase:
    """Back from the provider."""
    _only_where_configured()
    try:
        answer = organisations.finish(request)
    except Refused:
        messages.error(request, TROUBLE)
        return redirect("account_overview" if request.user.is_authenticated else "account_login")
    return _link(request, answer) if answer.errand.link_for else _sign_in(request, answer)


@require_POST
def unlink(request: HttpRequest, number: int) -> HttpResponse:
    """Take a link away."""
    person = person_of(request)
    identity = get_object_or_404(Identity.objects.visible_to(person), pk=number)
    actions.unlink_identity(identity=identity, by=person)
    messages.success(request, "It is not linked any more.")
    return redirect("account_overview")


def _sign_in(request: HttpRequest, answer: Answer) -> HttpResponseBase:
    """In place of the password: the second step follows as always."""
    person = Identity.holder(answer.issuer, answer.subject)
    if person is None or request.user.is_authenticated:
        messages.error(request, NOT_LINKED)
        return redirect("account_login")
    record_authentication(request, person, "organisation")
    followed: HttpResponseBase = perform_login(request, Login(user=person, redirect_url=answer.errand.next))
    return followed


def _link(request: HttpRequest, answer: Answer) -> HttpResponse:
    """Only for the person who set out, who still has to be the one who is signed in."""
    person = request.user
    if not isinstance(person, User) or str(person.pk) != answer.errand.link_for:
        messages.error(request, TROUBLE)
        return redirect("account_login")
    try:
        actions.link_identity(issuer=answer.issuer, subject=answer.subject, by=person)
    except ValidationError as problem:
        messages.error(request, problem.messages[0])
    else:
        messages.success(request, "It is linked. You can sign in with it in place of your password.")
    return redirect("account_overview")


def _only_where_configured() -> None:
    if not organisations.is_on():
        raise Http404
