"""Who is calling: a live API key of an agency, or a person who is signed in to the site."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from network import keys
from network.models import ApiKey

SCHEME = b"bearer"


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer lan_…`. The key itself is the reader: its agency's, never its owner's other agencies'."""

    def authenticate(self, request: Request) -> tuple[Any, ApiKey] | None:
        """The live key, twice; None when there is no such header. Raises AuthenticationFailed for any other header,
        in the same words for an unknown, an ended and an expired key."""
        words = get_authorization_header(request).split()
        if not words:
            return None
        if len(words) != 2 or words[0].lower() != SCHEME:
            raise AuthenticationFailed
        key = keys.holding(words[1].decode("latin-1"))
        if key is None:
            raise AuthenticationFailed
        return key, key

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="Lantern"'
