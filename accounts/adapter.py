"""How django-allauth behaves here."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody makes an account for themselves: people are invited."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        # The same words whichever of the two was wrong, and whether or not the account exists.
        "email_password_mismatch": "The email address or the password is wrong",
        "too_many_login_attempts": "There have been too many tries. Wait five minutes, then try again",
        "rate_limited": "There have been too many tries. Wait a few minutes, then try again",
        "enter_current_password": "Current password is wrong",
        "invalid_password_reset": "This link no longer works",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Always false."""
        return False

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """No “you have signed in” banner: the page people asked for is answer enough."""
