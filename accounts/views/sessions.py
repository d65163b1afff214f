"""Where you are signed in: ending one place, or all."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from accounts import actions
from accounts.models import SignIn
from accounts.requests import person_of


@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End one place."""
    person = person_of(request)
    actions.end_sign_in(sign_in=get_object_or_404(SignIn.objects.visible_to(person), pk=number), by=person)
    messages.success(request, "You are signed out there.")
    return redirect("account_overview")


@require_POST
def end_all(request: HttpRequest) -> HttpResponse:
    """End every place, this one as well."""
    actions.sign_out_everywhere(by=person_of(request))
    request.session.flush()
    messages.success(request, "You are signed out everywhere.")
    return redirect("account_login")
