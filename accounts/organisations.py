"""Signing in with an organisation's own account: OpenID Connect, for one provider, and only where it is configured.

It stands in for the password and for nothing else: the second factor stays ours. It never makes an account and never
reads an email address. Who somebody is follows from the provider's `sub`, which they linked to their account
themselves, from inside it.

OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3 (code flow, and what to check in an ID token); PKCE, RFC 7636; the
issuer in the answer, RFC 9207.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any, NamedTuple
from urllib.parse import urlencode

import jwt
import requests
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

WAITING = "lantern_organisation"
PATIENCE = 600  # seconds between leaving for the provider and coming back
TIMEOUT = 5
# Signatures with a key pair. Not "none", and not HS256, by which whoever knows the public key could sign.
SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
NEEDED = ["iss", "aud", "exp", "iat", "sub", "nonce"]


class Refused(Exception):  # noqa: N818  an answer, not a fault of ours
    """The provider said no, or what came back is not what was asked for."""


class Errand(NamedTuple):
    """Why the person went there: to sign in, or (as the person with this key) to link; and where they go after it."""

    link_for: str
    next: str


class Answer(NamedTuple):
    """Who the provider says it is."""

    issuer: str
    subject: str
    errand: Errand


def is_on() -> bool:
    """Whether a provider is configured."""
    return bool(settings.OIDC_ISSUER)


def begin(request: HttpRequest, errand: Errand) -> str:
    """The provider's address to send the person to. What belongs to it is kept in their session, once, for ten minutes.
    Raises Refused when the provider cannot be reached."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    request.session[WAITING] = {
        "state": state,
        "nonce": nonce,
        "verifier": verifier,
        "at": time.time(),
        "errand": list(errand),
    }
    asked = {
        "response_type": "code",
        "scope": "openid",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": _redirect_uri(),
        "state": state,
        "nonce": nonce,
        "code_challenge": _challenge(verifier),
        "code_challenge_method": "S256",
    }
    return f"{_configuration()['authorization_endpoint']}?{urlencode(asked)}"


def finish(request: HttpRequest) -> Answer:
    """Who came back. Raises Refused for an answer that was not asked for by this session, was used before, came too
    late, or does not bear the provider's signature."""
    kept = request.session.pop(WAITING, None)
    state = request.GET.get("state", "")
    if kept is None or not hmac.compare_digest(kept["state"].encode(), state.encode()):
        raise Refused("no such request")
    if time.time() - kept["at"] > PATIENCE:
        raise Refused("too late")
    if request.GET.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER or not request.GET.get("code"):
        raise Refused("no code")
    configuration = _configuration()
    claims = _claims(configuration, _token(configuration, request.GET["code"], kept["verifier"]))
    if not hmac.compare_digest(str(claims["nonce"]).encode(), kept["nonce"].encode()):
        raise Refused("another nonce")
    return Answer(str(claims["iss"]), str(claims["sub"]), Errand(*kept["errand"]))


def _configuration() -> dict[str, Any]:
    """The provider's own description. Its issuer has to be the one configured."""
    found = _fetched("GET", f"{settings.OIDC_ISSUER}/.well-known/openid-configuration")
    if found.get("issuer") != settings.OIDC_ISSUER:
        raise Refused("another issuer")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if not str(found.get(name, "")).startswith(("https://", "http://")[: 1 if settings.PRODUCTION else 2]):
            raise Refused("not over HTTPS")
    return found


def _token(configuration: dict[str, Any], code: str, verifier: str) -> str:
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _redirect_uri(),
        "code_verifier": verifier,
    }
    ours = (settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET)
    if "client_secret_basic" in configuration.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
        found = _fetched("POST", configuration["token_endpoint"], data=asked, auth=ours)
    else:
        secret = {"client_id": ours[0], "client_secret": ours[1]}
        found = _fetched("POST", configuration["token_endpoint"], data=asked | secret)
    return str(found.get("id_token", ""))


def _claims(configuration: dict[str, Any], token: str) -> dict[str, Any]:
    """What the ID token says, once its signature, issuer, audience and times have been checked."""
    try:
        keys = jwt.PyJWKSet.from_dict(_fetched("GET", configuration["jwks_uri"]))
        wanted = jwt.get_unverified_header(token).get("kid")
        key = next(each for each in keys.keys if wanted in {None, each.key_id})
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=list(SIGNED_BY),
            audience=settings.OIDC_CLIENT_ID,
            issuer=settings.OIDC_ISSUER,
            leeway=60,
            options={"require": NEEDED},
        )
    except (jwt.PyJWTError, StopIteration) as problem:
        raise Refused("bad token") from problem
    if claims.get("azp", settings.OIDC_CLIENT_ID) != settings.OIDC_CLIENT_ID:
        raise Refused("meant for another")
    return claims


def _fetched(method: str, address: str, **more: Any) -> dict[str, Any]:
    """A JSON object. Redirects are not followed: whoever answers is whom we asked."""
    try:
        answer = requests.request(method, address, timeout=TIMEOUT, allow_redirects=False, **more)
        found = answer.json()
    except (requests.RequestException, ValueError) as problem:
        raise Refused("no answer") from problem
    if answer.status_code != 200 or not isinstance(found, dict):
        raise Refused("no answer")
    return found


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode("ascii")


def _redirect_uri() -> str:
    """Fixed by our settings, never by the request's Host."""
    return f"{settings.BASE_URL}{reverse('account_organisation_back')}"
