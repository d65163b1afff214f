"""Public identifiers: UUID version 7 (RFC 9562), in the order of their making, saying nothing about the row."""

from __future__ import annotations

from uuid import UUID

import uuid_utils


def uuid7() -> UUID:
    """A new identifier."""
    return UUID(int=uuid_utils.uuid7().int)
