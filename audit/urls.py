"""Addresses of the audit trail."""

from __future__ import annotations

from django.urls import path

from audit import views

app_name = "audit"
urlpatterns = [
    path("", views.trail, name="trail"),
    path("entries.csv", views.sheet, name="sheet"),
    path("export/", views.export, name="export"),
    path("<int:pk>/", views.entry, name="entry"),
]
