"""A passkey in software: it makes and uses real credentials, so that what the server checks is really checked.

Web Authentication Level 2: sections 6.1 (authenticator data), 6.5.4 (attestation object), 7.1 and 7.2.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import struct
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, ATTESTED = 1, 4, 64


def letters(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


class SoftKey:
    """One passkey, for one site."""

    def __init__(self, site: str = "testserver", origin: str = "https://testserver") -> None:
        self.site, self.origin = site, origin
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.number, self.owner, self.count = os.urandom(16), "", 0

    def make(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED) -> str:
        """The answer to what the server asks for when a passkey is set up."""
        public = options["publicKey"]
        self.owner = public["user"]["id"]
        credential = b"\0" * 16 + struct.pack(">H", len(self.number)) + self.number
        data = (
            self._data(flags | ATTESTED) + credential + cbor.encode(ES256.from_cryptography_key(self.key.public_key()))
        )
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        seen = self._client_data("webauthn.create", public["challenge"])
        return self._answer({"clientDataJSON": letters(seen), "attestationObject": letters(attestation)})

    def sign(self, options: dict[str, Any], *, flags: int = PRESENT | VERIFIED) -> str:
        """The answer to a challenge."""
        data = self._data(flags)
        seen = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        signature = self.key.sign(data + hashlib.sha256(seen).digest(), ec.ECDSA(hashes.SHA256()))
        parts = {"clientDataJSON": seen, "authenticatorData": data, "signature": signature}
        return self._answer({name: letters(part) for name, part in parts.items()} | {"userHandle": self.owner})

    def _data(self, flags: int) -> bytes:
        self.count += 1
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _client_data(self, deed: str, challenge: str) -> bytes:
        said = {"type": deed, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, response: dict[str, str]) -> str:
        named = {"id": letters(self.number), "rawId": letters(self.number), "type": "public-key"}
        return json.dumps(named | {"response": response, "clientExtensionResults": {}})
