"""What the pages about signing in need to know of the settings."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def organisation(_request: HttpRequest) -> dict[str, str]:
    """The name of the organisation whose own sign-in may be used; empty where there is none."""
    return {"organisation": settings.OIDC_NAME}
