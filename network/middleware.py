"""What stands before every page: where the person who asks stands."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from network import standing


class StandingMiddleware:
    """Asks where a person stands once for all that a page is made of, instead of once for each of its rules.

    Only where a request changes nothing: an action asks anew each time, for it may change the answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request."""
        if request.method in {"GET", "HEAD"} and request.user.is_authenticated:
            standing.ask_once(request.user)
        return self.get_response(request)
