"""What the directory's pages have in common."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods

from directory.models import Listing

require_get_or_post = require_http_methods(["GET", "HEAD", "POST"])


def listing_of(request: HttpRequest, pk: UUID) -> Listing:
    """The listing, or 404 as if it did not exist."""
    return get_object_or_404(Listing.objects.visible_to(request.user).select_related("agency", "assured_by"), pk=pk)


def done(request: HttpRequest, said: str, page: str, *args: Any) -> HttpResponse:
    """Say so, and go on."""
    messages.success(request, said)
    return redirect(page, *args)
