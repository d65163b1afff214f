"""Where other systems report what came back: no session, no cookie, a token of their own; absent unless set up."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from delivery import returns
from delivery.bounces import LARGEST
from delivery.returns import Verdict

SCHEME = "Bearer "
LARGEST_RECEIPT = 16 * 1024


@csrf_exempt
@login_not_required
@require_POST
def bounce(request: HttpRequest) -> HttpResponse:
    """A whole message (message/rfc822) that came to the address for bounces, from a mail provider."""
    return _taken(request, settings.RETURNS_TOKEN, "message/rfc822", LARGEST, returns.take_in)


@csrf_exempt
@login_not_required
@require_POST
def receipt(request: HttpRequest) -> HttpResponse:
    """A delivery receipt of GOV.UK Notify, as JSON."""
    return _taken(request, settings.NOTIFY_CALLBACK_TOKEN, "application/json", LARGEST_RECEIPT, _receipt)


def _receipt(body: bytes) -> Verdict:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return Verdict.IGNORED
    return returns.take_in_receipt(told) if isinstance(told, dict) else Verdict.IGNORED


def _taken(
    request: HttpRequest, token: str, kind: str, largest: int, take_in: Callable[[bytes], Verdict]
) -> HttpResponse:
    """204 whatever became of it, so that nobody learns what we know; 503 when it should be told again in a while."""
    if not token:
        raise Http404
    if not constant_time_compare(request.headers.get("Authorization", ""), f"{SCHEME}{token}"):
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="Lantern"'})
    if request.content_type != kind:
        return HttpResponse(status=415)
    body = request.read(largest + 1)
    if len(body) > largest:
        return HttpResponse(status=413)
    if take_in(body) is Verdict.EARLY:
        return HttpResponse(status=503, headers={"Retry-After": "60"})
    return HttpResponse(status=204)
