"""/metrics, for whatever watches the platform: shut unless a token is set, and open to who has it."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from delivery import metrics as post


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures of the post. 404 while no token is set; 401 without it in the header `Authorization: Bearer …`."""
    if not settings.METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "").encode()
    if not hmac.compare_digest(given, f"Bearer {settings.METRICS_TOKEN}".encode()):
        return HttpResponse("", status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(post.text(), content_type=post.CONTENT_TYPE)
