"""The document, its page, and what is answered at an address that is none."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from api.base import Endpoint

document = SpectacularJSONAPIView.as_view()
# A page for people, so who has not signed in is asked to. Scripts come from files: the policy allows no others.
page = login_required(SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="api/docs.html"))


class Nowhere(Endpoint):
    """Any other address: refused like an unknown row."""

    schema = None

    def http_method_not_allowed(self, request: Any, *args: Any, **path: Any) -> Response:
        """Always NotFound, whatever the method."""
        raise NotFound
