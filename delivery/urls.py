"""Addresses of the post: how people are reached, and how it is run."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "delivery"
urlpatterns: list[URLPattern] = []
