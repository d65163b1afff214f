"""What the machine does with keys: finds the one that a secret opens."""

from __future__ import annotations

from network.models import ApiKey


def holding(secret: str) -> ApiKey | None:
    """The live key with this secret; None for one that is unknown, ended or expired, whose owner no longer leads its
    agency, or whose agency is no live member of a network. One query."""
    return ApiKey.objects.live().filter(digest=ApiKey.digest_of(secret)).first()
