"""What stands before every page: the session still lives, a second factor has been given, and nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.utils.cache import add_never_cache_headers

from accounts import confirming, factors, sessions
from accounts.addresses import ours_or_home
from accounts.factors import FreshFactorNeeded
from accounts.models import User

Answer = Callable[[HttpRequest], HttpResponse]

NOT_DONE = "What you pressed was not done, and what you had typed was not kept. Sign in, then do it again."

# What a session may open before it has given a second factor, by name. Everything else is shut, whoever asks.
OPEN_WITHOUT_FACTOR = frozenset(
    {
        "account_set_up",
        "account_app",
        "account_passkey",
        "account_confirm",
        "account_logout",
        "accessibility",
        "privacy",
        "cookies",
        "healthz",
        "readyz",
    }
)


class PrivatePagesMiddleware:
    """A signed-in person's pages are stored nowhere: not by a shared cache, not by the back button after sign-out."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, then forbid storing what a signed-in person was shown."""
        response = self.get_response(request)
        if request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


class SessionLimitsMiddleware:
    """Ends a session that has been idle for too long, is too old, or was ended from elsewhere, and says why."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as for nobody when the session is over, so that the person signs in and comes back to the page."""
        if request.user.is_authenticated:
            if over := sessions.why_over(request):
                logout(request)
                messages.info(request, over)
            else:
                sessions.touch(request)
        elif sessions.is_gone(request):
            messages.info(request, sessions.GONE)
        before = request.session.session_key
        response = self.get_response(request)
        if request.user.is_authenticated:
            sessions.follow(before, request.session.session_key)
        return response


class SignInFirstMiddleware(LoginRequiredMiddleware):
    """Sends whoever is not signed in to sign in, and from there back to the page where they were."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> HttpResponseRedirect:
        """After a press that page is the one with the button: an address that only takes presses shows nothing. And
        it is said that nothing was done, for somebody may think that they acknowledged an alert."""
        if request.method in {"GET", "HEAD"}:
            return super().handle_no_permission(request, view_func)
        messages.warning(request, NOT_DONE)
        there = urlsplit(request.headers.get("Referer", ""))
        return redirect_to_login(ours_or_home(there._replace(scheme="", netloc="", fragment="").geturl()))


class SecondFactorMiddleware:
    """Says when this session last gave a second factor, shuts every address to a session that gave none, and asks for
    one where a deed needs it fresh."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Tell `request.user.factor_at`, then answer."""
        if isinstance(request.user, User):
            request.user.factor_at = factors.given_in(request)
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        """Nothing, so that the view answers; or the question for the factor, before the view is reached."""
        user = request.user
        if not isinstance(user, User) or user.factor_at is not None:
            return None
        match = request.resolver_match
        if match is not None and match.view_name in OPEN_WITHOUT_FACTOR:
            return None
        return confirming.ask_first(request, user)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponseBase | None:
        """The page that asks for a fresh factor, where that is what was missing."""
        if isinstance(problem, FreshFactorNeeded) and isinstance(request.user, User):
            return confirming.ask_again(request, request.user)
        return None
