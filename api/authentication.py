"""Who is calling: a live API key of an agency, or a person who is signed in to the site."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.core.exceptions import PermissionDenied
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
        in the same words for a key that is unknown, ended, expired or used from where it may not be."""
        words = get_authorization_header(request).split()
        if not words:
            return None
        if len(words) != 2 or words[0].lower() != SCHEME:
            raise AuthenticationFailed
        key = keys.holding(words[1].decode("latin-1"), address=address_of(request))
        if key is None:
            raise AuthenticationFailed
        return key, key

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return 'Bearer realm="Lantern"'


def address_of(request: Request) -> str | None:
    """The caller's own address, found as lock-outs find it; None where our own proxy does not say, or it is no address:
    the proxy's is not the caller's."""
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return None
