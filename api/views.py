"""The document, its page, and what is answered at an address that is none."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from api import document as the_document
from api.base import MOST_ROWS, REQUESTS_A_MINUTE, ROWS, Endpoint

document = SpectacularJSONAPIView.as_view()


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The same document for people to read, printed or on a screen. Whoever signed in may read it."""
    context = {
        "about": the_document.whole()["info"],
        "endpoints": the_document.endpoints(),
        "refusals": the_document.refusals(),
        "first_url": settings.BASE_URL + reverse("api:listings"),
        "limits": {"requests": REQUESTS_A_MINUTE, "rows": ROWS, "most_rows": MOST_ROWS},
    }
    return render(request, "api/docs.html", context)


class Nowhere(Endpoint):
    """Any other address: refused like an unknown row."""

    schema = None

    def http_method_not_allowed(self, request: Any, *args: Any, **path: Any) -> Response:
        """Always NotFound, whatever the method."""
        raise NotFound
