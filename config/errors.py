"""What is answered when something breaks."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.defaults import server_error as page


def server_error(request: HttpRequest) -> HttpResponse:
    """A page for people, a problem document (RFC 9457) for machines. Neither says what broke: the log does."""
    if not request.path.startswith("/api/"):
        return page(request)
    problem = {"type": "about:blank", "title": "Something went wrong", "status": 500}
    return JsonResponse(problem, status=500, content_type="application/problem+json")
