"""Addresses of training."""

from __future__ import annotations

from django.urls import path

from training.views import attending, running

app_name = "training"
urlpatterns = [
    path("", attending.sessions, name="sessions"),
    path("courses/", running.courses, name="courses"),
    path("courses/new/", running.course_new, name="course_new"),
    path("courses/<uuid:pk>/sessions/new/", running.session_new, name="session_new"),
    path("sessions/<uuid:pk>/", attending.session, name="session"),
    path("sessions/<uuid:pk>/book/", attending.book, name="book"),
    path("sessions/<uuid:pk>/cancel/", attending.cancel, name="cancel"),
    path("sessions/<uuid:pk>/attendees/", attending.attendees, name="attendees"),
    path("sessions/<uuid:pk>/audience/", running.address, name="address"),
    path("sessions/<uuid:pk>/announce/", running.announce, name="announce"),
    path("sessions/<uuid:pk>/progress/", running.progress, name="progress"),
    path("sessions/<uuid:pk>/call-off/", running.call_off, name="call_off"),
]
