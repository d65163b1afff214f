"""Addresses for machines, version 1."""

from __future__ import annotations

from django.urls import path, re_path

from api import alerts, charter, directory, views

app_name = "api"
urlpatterns = [
    path("listings", directory.Listings.as_view(), name="listings"),
    path("listings/<uuid:pk>", directory.OneListing.as_view(), name="listing"),
    path("agencies", directory.Agencies.as_view(), name="agencies"),
    path("agencies/<uuid:pk>", directory.OneAgency.as_view(), name="agency"),
    path("alerts", alerts.Alerts.as_view(), name="alerts"),
    path("alerts/<slug:reference>", alerts.OneAlert.as_view(), name="alert"),
    path("alerts/<slug:reference>/acknowledge", alerts.Acknowledge.as_view(), name="acknowledge"),
    path("councils", charter.Councils.as_view(), name="councils"),
    path("councils/<slug:code>", charter.OneCouncil.as_view(), name="council"),
    path("adoptions", charter.Adoptions.as_view(), name="adoptions"),
    path("schema", views.document, name="schema"),
    path("docs", views.page, name="docs"),
    re_path(r"^.*$", views.Nowhere.as_view(), name="nowhere"),
]
