"""Addresses of the post: how people are reached, and how it is run."""

from __future__ import annotations

from django.urls import URLPattern, path

from delivery.views import endpoints

app_name = "delivery"
urlpatterns: list[URLPattern] = [
    path("webhooks/", endpoints.webhooks, name="webhooks"),
    path("webhooks/add/", endpoints.add_webhook, name="add_webhook"),
    path("webhooks/<uuid:pk>/", endpoints.webhook, name="webhook"),
    path("webhooks/<uuid:pk>/end/", endpoints.end_webhook, name="end_webhook"),
    path("webhooks/<uuid:pk>/again/<int:delivery>/", endpoints.send_again, name="send_again"),
]
