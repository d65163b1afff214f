"""What development needs and production must never have: demonstration networks, a mail catcher and its page."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

if settings.MODE == "production":
    raise ImproperlyConfigured("The demonstration is for development and tests: production does not import it.")
