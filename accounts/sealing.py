"""Sealing: text that the database keeps and cannot read. The keys are in the environment, never beside the rows.

`LANTERN_SEALING_KEYS` holds one key or several, the newest first: the first seals, all of them open. What is sealed for
one purpose does not open for another, so a row copied from one table into another stays shut.
Fernet (AES-128-CBC with HMAC-SHA256) as `cryptography` ships it; a key for each purpose by HKDF, RFC 5869.
"""

from __future__ import annotations

import base64
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class Unreadable(ValueError):  # noqa: N818  it says what is the matter
    """Sealed with a key that is not there, for another purpose, or changed since."""


def seal(text: str, purpose: str) -> str:
    """The text, sealed with the newest key. Sealing the same text twice gives two different results."""
    return _box(purpose).encrypt(text.encode()).decode("ascii")


def unseal(sealed: str, purpose: str) -> str:
    """The text again. Raises Unreadable, which says nothing of what was sealed."""
    try:
        return _box(purpose).decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise Unreadable("This cannot be opened with any of the keys there are.") from None


def reseal(sealed: str, purpose: str) -> str:
    """The same text sealed with the newest key. Raises Unreadable."""
    return seal(unseal(sealed, purpose), purpose)


def _box(purpose: str) -> MultiFernet:
    return _box_with(purpose, tuple(settings.SEALING_KEYS))


@lru_cache(maxsize=32)
def _box_with(purpose: str, secrets: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_key(secret, purpose)) for secret in secrets])


def _key(secret: str, purpose: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"lantern {purpose}".encode())
    return base64.urlsafe_b64encode(derived.derive(secret.encode()))
