"""What stands before every page: a second factor has been given, and what a signed-in person sees is stored nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers

from accounts import factors

# What a session may open before it has given a second factor. Everything else is shut, whoever asks.
OPEN_WITHOUT_FACTOR = frozenset(
    {"account_logout", "account_inactive", "accessibility", "privacy", "cookies", "healthz", "readyz"}
)


class PrivatePagesMiddleware:
    """A signed-in person's pages are stored nowhere: not by a shared cache, not by the back button after sign-out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, then forbid storing what a signed-in person was shown."""
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


class SecondFactorMiddleware:
    """Says when this session last gave a second factor, and shuts every address to a session that gave none."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Tell `request.user.factor_at`, then answer."""
        if request.user.is_authenticated:
            request.user.factor_at = factors.given_in(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:  # noqa: ARG002
        """Nothing, so that the view answers; or where the factor is asked for, before the view is reached."""
        if not request.user.is_authenticated or request.user.factor_at is not None:
            return None
        match = request.resolver_match
        if match is not None and match.view_name in OPEN_WITHOUT_FACTOR:
            return None
        if match is not None and match.app_names[:1] == ["api"]:
            return JsonResponse({"detail": "Give a second factor first."}, status=403)
        return redirect("account_inactive")  # until the page that sets one up is there
