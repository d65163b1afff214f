"""The directory's addresses."""

from __future__ import annotations

from django.urls import path

from directory import views

app_name = "directory"
urlpatterns = [
    path("", views.search, name="search"),
    path("listings/<uuid:pk>/", views.listing, name="listing"),
    path("listings/<uuid:pk>/edit/", views.edit_listing, name="edit_listing"),
    path("listings/<uuid:pk>/confirm/", views.confirm, name="confirm"),
    path("listings/<uuid:pk>/access/", views.tighten, name="tighten"),
    path("agencies/<uuid:pk>/", views.agency, name="agency"),
    path("agencies/<uuid:pk>/edit/", views.edit_agency, name="edit_agency"),
    path("agencies/<uuid:pk>/listings/add/", views.add_listing, name="add_listing"),
]
