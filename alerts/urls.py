"""Addresses of the alerts."""

from __future__ import annotations

from django.urls import path

from alerts import views
from alerts.views import climbing, explaining

app_name = "alerts"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("new/", views.new, name="new"),
    path("lists/<slug:name>/", views.section, name="section"),
    path("climbing/<str:prefix>/", climbing.ladder, name="ladder"),
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
    path("<str:reference>/calls/", climbing.calls, name="calls"),
    path("<str:reference>/calls/<uuid:agency>/", climbing.called, name="called"),
    path("<str:reference>/calls/<uuid:call>/take-back/", climbing.uncalled, name="uncalled"),
    path("<str:reference>/who/", explaining.who, name="who"),
    path("<str:reference>/who.csv", explaining.who_csv, name="who_csv"),
    path("<str:reference>/why/", explaining.why_not, name="why_not"),
    path("<str:reference>/withdraw/", views.withdraw, name="withdraw"),
]
