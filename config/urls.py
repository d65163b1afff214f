"""Every address. `tests/test_doors.py` holds who may open each."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path
from django.http import HttpResponse

urlpatterns: list[URLPattern | URLResolver] = [path("", lambda request: HttpResponse("home"), name="home")]
