"""A small OpenID Connect provider on loopback, strict about what it is sent. Tests tell it to misbehave."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "lantern", "a-secret-between-the-two: of us"
BACK = "http://127.0.0.1:8000/account/sign-in/organisation/back/"


class Provider:
    """What it knows of its users and of what it was asked. `claims` are put into the next ID token over the right
    ones; `signed` signs it another way."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.claims: dict[str, Any] = {}
        self.signed: tuple[Any, str] = (self.key, "RS256")
        self.asked: dict[str, dict[str, str]] = {}
        self.issuer, self.called_itself, self.refusals = "", "", []

    def sign_in(self, address: str, subject: str) -> str:
        """What its sign-in page does: check what was asked, and send the browser back with a code."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert urlsplit(address).path == "/authorize"
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == BACK
        assert asked["scope"] == "openid", "it needs neither a name nor an email address"
        assert asked["code_challenge_method"] == "S256"
        assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 40
        code = secrets.token_urlsafe(16)
        self.asked[code] = asked | {"sub": subject}
        return f"{urlsplit(BACK).path}?code={code}&state={asked['state']}"

    def token(self, sent: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The answer at the token endpoint. A code works once, for who can show the verifier."""
        asked = self.asked.pop(sent.get("code", ""), None)
        name, _, secret = base64.b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if not asked or (name, secret) != (CLIENT, SECRET) or sent.get("redirect_uri") != BACK:
            return self._refuse("invalid_grant")
        if challenge.rstrip(b"=").decode() != asked["code_challenge"]:
            return self._refuse("PKCE")
        now = int(time.time())
        right = {"iss": self.issuer, "aud": CLIENT, "sub": asked["sub"], "nonce": asked["nonce"]}
        claims = right | {"iat": now, "exp": now + 300} | self.claims
        key, algorithm = self.signed
        told = {name: value for name, value in claims.items() if value is not None}
        return 200, {
            "token_type": "Bearer",
            "access_token": "x",
            "id_token": jwt.encode(told, key, algorithm, {"kid": "1"}),
        }

    def told(self, path: str) -> dict[str, Any]:
        """What it says of itself, and its keys."""
        if path == "/keys":
            public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
            return {"keys": [public | {"kid": "1", "use": "sig", "alg": "RS256"}]}
        return {
            "issuer": self.called_itself or self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        }

    def _refuse(self, why: str) -> tuple[int, dict[str, Any]]:
        self.refusals.append(why)
        return 400, {"error": why}


@contextmanager
def running() -> Iterator[Provider]:
    """A provider that listens."""
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.reply(200, provider.told(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            self.reply(*provider.token(sent, self.headers.get("Authorization", "")))

        def reply(self, status: int, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
