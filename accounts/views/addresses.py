"""Changing the address one's account goes by: asking, the link in the letter, and confirming."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import actions, factors, moving
from accounts.deeds import tried
from accounts.factors import FreshFactorNeeded
from accounts.forms import AddressForm
from accounts.models import AddressChange
from accounts.requests import person_of
from accounts.tokens import digest_of

KEPT = "lantern_new_address"
ASKED = "We sent a link to the new address. Nothing changes until you follow it."
either = require_http_methods(["GET", "HEAD", "POST"])


@either
def ask(request: HttpRequest) -> HttpResponse:
    """Which address it is to be. The answer is the same whether or not somebody has it."""
    person = person_of(request)
    factors.require_fresh(person)
    form = AddressForm(request.POST or None)
    if form.is_valid() and tried(form, actions.ask_address, email=form.cleaned_data["email"], by=person):
        messages.success(request, ASKED)
        return redirect("account_overview")
    return render(request, "account/address.html", {"form": form})


@require_POST
def give_up(request: HttpRequest) -> HttpResponse:
    """Keep the address one has."""
    person = person_of(request)
    change = AddressChange.objects.visible_to(person).open().first()
    if change is not None:
        actions.give_up_address(change=change, by=person)
        messages.success(request, "Your email address stays as it is.")
    return redirect("account_overview")


@login_not_required
@never_cache
@require_safe
@sensitive_variables("token")
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Take the secret out of the address. Whether it opens anything is not looked up here; who is not signed in signs
    in first, without the secret in what they come back to."""
    request.session[KEPT] = digest_of(token)
    answer = redirect("account_confirm_address")
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@either
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask once more, then change it. One page and one status for every link that opens nothing."""
    person, digest = person_of(request), str(request.session.get(KEPT, ""))
    change = moving.opened_by(digest, person)
    if change is None:
        return render(request, "account/address_nothing.html", status=404)
    if request.method != "POST":
        return render(request, "account/address_confirm.html", {"change": change})
    try:
        actions.change_address(digest=digest, here=request.session.session_key, by=person)
    except FreshFactorNeeded:
        raise
    except PermissionDenied:
        return render(request, "account/address_nothing.html", status=404)
    del request.session[KEPT]
    messages.success(request, "Your email address is changed. Sign in with the new one from now on.")
    return redirect("account_overview")
