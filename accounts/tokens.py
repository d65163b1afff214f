"""Secrets that open something for whoever has them: made here, sent once, and kept as digests only."""

from __future__ import annotations

import hashlib


def digest_of(token: str) -> str:
    """What is stored in place of the secret: 32 random bytes need no salt and no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
