"""Addresses of what an agency's leads keep."""

from __future__ import annotations

from django.urls import path

from network import views

app_name = "network"
urlpatterns = [
    path("keys/", views.keys, name="keys"),
    path("keys/<uuid:pk>/end/", views.end_key, name="end_key"),
]
