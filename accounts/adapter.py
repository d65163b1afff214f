"""How django-allauth behaves here."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from accounts import codes, notices, sessions
from accounts.addresses import is_ours
from accounts.models import Notice, User
from accounts.sealing import seal, unseal
from audit import trail


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

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The person whose password this is. A closed account is refused like a wrong password."""
        person: User | None = super().authenticate(request, **credentials)
        return person if person is not None and person.is_active else None

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in, start counting how long that lasts, and remember where."""
        super().login(request, user)
        sessions.begin(request, user)

    def set_password(self, user: User, password: str) -> None:
        """Change it, sign the person out everywhere but here, and write to them."""
        request = self.request
        mine = request is not None and request.user.is_authenticated and request.user.pk == user.pk
        with transaction.atomic():
            super().set_password(user, password)
            sessions.end_all(user, but=request.session.session_key if mine else None)
            notices.owe(Notice.Kind.PASSWORD, user)
            trail.record("password.change", user, by=user)

    def get_client_ip(self, request: HttpRequest) -> str:
        """Where the visitor is, which lock-outs count by. Behind a proxy of ours only what the proxy says about it
        counts; where it says nothing, or nothing readable, the visitor gets no further. Raises PermissionDenied."""
        proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
        claims = [claim.strip() for claim in request.headers.get("X-Forwarded-For", "").split(",")]
        if proxies and (len(claims) < proxies or not claims[-proxies]):
            raise PermissionDenied("The proxy does not say where this comes from.")
        return str(super().get_client_ip(request))

    def is_safe_url(self, url: str | None) -> bool:
        """An address of ours that exists: no other site, however it is spelt."""
        return bool(url) and is_ours(str(url))


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors are sealed with a key that is not in the database."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That did not work. Try again",
    }

    def encrypt(self, text: str) -> str:
        """Sealed."""
        return seal(text, codes.PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        """Opened. Raises Unreadable for what was not sealed with one of our keys."""
        return unseal(encrypted_text, codes.PURPOSE)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys belong to the name people type."""
        return {**super().get_public_key_credential_rp_entity(), "name": codes.ISSUER}
