"""Addresses of the alerts."""

from __future__ import annotations

from django.urls import path

from alerts import views
from alerts.views import explaining

app_name = "alerts"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("new/", views.new, name="new"),
    path("lists/<slug:name>/", views.section, name="section"),
    path("<str:reference>/", views.detail, name="detail"),
    path("<str:reference>/edit/", views.edit, name="edit"),
    path("<str:reference>/audience/", views.address, name="address"),
    path("<str:reference>/submit/", views.submit, name="submit"),
    path("<str:reference>/return/", views.give_back, name="return"),
    path("<str:reference>/release/", views.release, name="release"),
    path("<str:reference>/sent/", views.sent, name="sent"),
    path("<str:reference>/progress/", views.progress, name="progress"),
    path("<str:reference>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("<str:reference>/board/", views.board, name="board"),
    path("<str:reference>/who/", explaining.who, name="who"),
    path("<str:reference>/who.csv", explaining.who_csv, name="who_csv"),
    path("<str:reference>/why/", explaining.why_not, name="why_not"),
    path("<str:reference>/withdraw/", views.withdraw, name="withdraw"),
]
