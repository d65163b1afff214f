"""Signing in and out: what differs from django-allauth's own pages."""

from __future__ import annotations

from allauth.account import views as allauth
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST


@login_not_required
@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session. Only by POST: a link that somebody else made you follow must not sign you out."""
    answer: HttpResponseBase = allauth.logout(request)
    return answer


def set_password(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001  the name belongs to an address
    """Who has no password yet sets one by the link in an e-mail: that proves whose mailbox it is."""
    return redirect("account_reset_password")
