"""Finding a place by its code."""

from __future__ import annotations

from uuid import UUID

from network.models import Area


def with_code(gss: str) -> UUID | None:
    """The ID of the place with this GSS code; None for a code that is not known. Places are public."""
    return Area.objects.order_by("pk").filter(gss=gss).values_list("pk", flat=True).first()
