"""“Confirm that it is you”: asking for a second factor in place of a page, and going on where the person was.

The page that asks carries what had been sent as hidden fields under their own names. Once the factor is right, the
answer is 307, “send the same again there”: the browser repeats the whole request, and what had been typed arrives. So
nothing typed goes into a session, an address, a cache or a log, and the deed is checked as if nothing had happened.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts import factors
from accounts.addresses import ours_or_home
from accounts.factors import FACTOR_NEEDED, FRESH_NEEDED
from accounts.forms import ConfirmForm
from accounts.models import User

OURS = "confirm-"
WORDS = {
    FACTOR_NEEDED: "Give a second factor first.",
    FRESH_NEEDED: "Confirm that it is you, then try again.",
}


class SameAgain(HttpResponseRedirect):
    """Send the same request there: RFC 9110, 307."""

    status_code = 307


class Errand(NamedTuple):
    """What the person was about to do: where, whether by POST, and what was sent."""

    address: str
    is_post: bool
    fields: list[tuple[str, str]]
    had_files: bool = False

    @classmethod
    def interrupted(cls, request: HttpRequest) -> Errand:
        """The request that is being answered."""
        if request.method in {"GET", "HEAD"}:
            return cls(request.get_full_path(), is_post=False, fields=[])
        return cls(request.get_full_path(), is_post=True, fields=_sent(request), had_files=bool(request.FILES))

    @classmethod
    def carried(cls, request: HttpRequest) -> Errand:
        """The errand that the page carried here."""
        address = ours_or_home(request.POST.get(f"{OURS}next", ""))
        is_post = request.POST.get(f"{OURS}again") == "yes"
        return cls(address, is_post, _sent(request), request.POST.get(f"{OURS}files") == "yes")

    def go_on(self) -> HttpResponseBase:
        """There, sending the same again where something had been sent."""
        return SameAgain(self.address) if self.is_post else redirect(self.address)


def ask_first(request: HttpRequest, person: User) -> HttpResponseBase:
    """For a session that has given no factor: the question for one, or the page that sets the first one up."""
    if wants_json(request):
        return refusal(FACTOR_NEEDED)
    if factors.has_any(person):
        return page(request, person, Errand.interrupted(request), fresh=False)
    there = request.get_full_path() if request.method == "GET" else "/"
    return redirect(f"{reverse('account_set_up')}?{urlencode({'next': there})}")


def ask_again(request: HttpRequest, person: User) -> HttpResponseBase:
    """For a session whose factor is not fresh: the question for one, keeping what was typed."""
    if wants_json(request):
        return refusal(FRESH_NEEDED)
    return page(request, person, Errand.interrupted(request))


def page(
    request: HttpRequest, person: User, errand: Errand, form: ConfirmForm | None = None, *, fresh: bool = True
) -> HttpResponse:
    """The question, 403: what was asked for is not given yet."""
    vars(request)["asks_for_code_of"] = person  # the demonstration helps with it
    context = {
        "form": form or ConfirmForm(request=request, person=person, prefix="confirm"),
        "errand": errand,
        "fresh": fresh,
        "challenge": factors.challenge(person),
    }
    return render(request, "account/confirm.html", context, status=403)


def refusal(code: str) -> JsonResponse:
    """The same for machines: RFC 9457, with a code to go by."""
    problem = {"type": "about:blank", "title": "Forbidden", "status": 403, "detail": WORDS[code], "code": code}
    return JsonResponse(problem, status=403, content_type="application/problem+json")


def wants_json(request: HttpRequest) -> bool:
    """Whether a script asks rather than a person."""
    match = request.resolver_match
    accepts = request.headers.get("Accept", "")
    if "text/html" in accepts:
        return False
    is_api = match is not None and match.app_names[:1] == ["api"]
    return is_api or request.content_type == "application/json" or "application/json" in accepts


def _sent(request: HttpRequest) -> list[tuple[str, Any]]:
    """The fields of the page's own form, in order."""
    skipped = "csrfmiddlewaretoken"
    fields = ((name, value) for name, values in request.POST.lists() for value in values)
    return [(name, value) for name, value in fields if name != skipped and not name.startswith(OURS)]
