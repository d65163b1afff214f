"""The directory's addresses."""

from __future__ import annotations

from django.urls import path

from directory import views
from directory.views import explaining

app_name = "directory"
urlpatterns = [
    path("", views.search, name="search"),
    path("listings/<uuid:pk>/", views.listing, name="listing"),
    path("listings/<uuid:pk>/edit/", views.edit_listing, name="edit_listing"),
    path("listings/<uuid:pk>/confirm/", views.confirm, name="confirm"),
    path("listings/<uuid:pk>/access/", views.tighten, name="tighten"),
    path("listings/<uuid:pk>/shares/", views.shares, name="shares"),
    path("listings/<uuid:pk>/loosen/", views.loosen, name="loosen"),
    path("listings/<uuid:pk>/grants/", views.grants, name="grants"),
    path("listings/<uuid:pk>/cover/", views.cover, name="cover"),
    path("listings/<uuid:pk>/safe-place/", views.safe_place, name="safe_place"),
    path("listings/<uuid:pk>/safe-place/change/", views.change_safe_place, name="change_safe_place"),
    path("sharing/", views.sharing, name="sharing"),
    path("shares/<uuid:pk>/accept/", views.accept_share, name="accept_share"),
    path("shares/<uuid:pk>/end/", views.end_share, name="end_share"),
    path("loosenings/<uuid:pk>/", views.loosening, name="loosening"),
    path("grants/<uuid:pk>/end/", views.end_grant, name="end_grant"),
    path("safe-place-changes/<uuid:pk>/", views.safe_place_change, name="safe_place_change"),
    path("mobiles/<uuid:pk>/", views.reveal_mobile, name="reveal_mobile"),
    path("covers/", views.covers, name="covers"),
    path("viewings/", views.viewings, name="viewings"),
    path("viewings.csv", views.viewings_csv, name="viewings_csv"),
    path("who/<slug:kind>/<uuid:pk>/", explaining.who, name="who"),
    path("who/<slug:kind>/<uuid:pk>.csv", explaining.who_csv, name="who_csv"),
    path("listings/<uuid:pk>/between/", explaining.between, name="between"),
    path("agencies/<uuid:pk>/", views.agency, name="agency"),
    path("agencies/<uuid:pk>/edit/", views.edit_agency, name="edit_agency"),
    path("agencies/<uuid:pk>/listings/add/", views.add_listing, name="add_listing"),
]
