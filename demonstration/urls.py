"""Addresses that exist in development and tests only."""

from __future__ import annotations

from django.urls import path

from demonstration import views

app_name = "demonstration"
urlpatterns = [
    path("sign-in/", views.sign_in, name="sign_in"),
    path("mail/", views.mail, name="mail"),
    path("mail/<slug:name>/", views.message, name="message"),
    path("mail/<slug:name>/html/", views.html_part, name="html_part"),
]
