"""What every page about one session starts with."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from training.models import Session


def found(request: HttpRequest, pk: UUID) -> Session:
    """The session, if this person may see it; otherwise 404, exactly as if there were none."""
    rows = Session.objects.visible_to(request.user).select_related("course__network", "audience", "mailing")
    return get_object_or_404(rows, pk=pk)
