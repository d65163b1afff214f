"""The link in a letter by which its kind is turned off. Mail programs press it without a session (RFC 8058); people
are asked first, because scanners open every link."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from delivery import muting
from delivery.actions.preferences import mute as turn_off


@login_not_required
@csrf_exempt  # the link itself says who asks, and for what: nobody else's browser can be made to send another's
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def mute(request: HttpRequest, token: str) -> HttpResponse:
    """Asks; and turns the kind off when it is posted. 404 for a link that is not ours, as for any address."""
    asked = muting.read(token)
    if asked is None:
        raise Http404
    done = request.method == "POST"
    if done:
        turn_off(kind=asked.kind, channel=asked.channel, by=asked.person)
    return render(
        request, "delivery/mute.html", {"done": done, "what": muting.in_words(asked.kind), "kind": asked.kind}
    )
