"""The mail that the development server caught, and signing in by one press. Open to whoever sits at the machine."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.addresses import ours_or_home
from demonstration import mailbox, signing_in

SANDBOX = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"


@login_not_required
@require_safe
def mail(request: HttpRequest) -> HttpResponse:
    """The newest caught messages."""
    messages, total = mailbox.newest()
    return render(request, "demonstration/mail.html", {"messages_caught": messages, "total": total})


@login_not_required
@require_safe
def message(request: HttpRequest, name: str) -> HttpResponse:
    """One caught message as plain text, with its envelope."""
    return render(request, "demonstration/message.html", {"caught": _caught(name)})


@login_not_required
@require_safe
def html_part(_request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part of a caught message, in a sandbox: mail may style itself but not run, fetch or send anything."""
    return HttpResponse(_caught(name).html, headers={"Content-Security-Policy": SANDBOX})


@login_not_required
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Be one of the cast, second factor given."""
    if signing_in.step_in(request, request.POST.get("person", "")) is None:
        raise Http404
    return redirect(ours_or_home(request.POST.get("next", "")))


def _caught(name: str) -> mailbox.Caught:
    found = mailbox.find(name)
    if found is None:
        raise Http404
    return found
