"""Who is asking."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.models import User


def person_of(request: HttpRequest) -> User:
    """The person who has signed in. Raises PermissionDenied where that is nobody, or a machine."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
