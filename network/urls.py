"""Addresses of what an agency's leads keep."""

from __future__ import annotations

from django.urls import path

from network.views import keys

app_name = "network"
urlpatterns = [
    path("keys/", keys.keys, name="keys"),
    path("keys/<uuid:pk>/end/", keys.end_key, name="end_key"),
]
