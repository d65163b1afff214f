"""The document, its page, and what is answered at an address that is none."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.base import Endpoint

document = SpectacularJSONAPIView.as_view()
# A page for people, so who has not signed in is asked to. Scripts come from files: the policy allows no others.
page = login_required(SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="api/docs.html"))


class Nowhere(Endpoint):
    """Any other address: refused like an unknown row."""

    @extend_schema(exclude=True)
    def get(self, request: Request, **path: Any) -> Response:  # noqa: ARG002  rest_framework's signature
        """Always NotFound."""
        raise NotFound
