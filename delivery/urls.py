"""Addresses of the post: how people are reached, and how it is run."""

from __future__ import annotations

from django.urls import URLPattern, path

from delivery.views import addresses, endpoints, muting, numbers, operating, preferences, promise, returns, why

app_name = "delivery"
urlpatterns: list[URLPattern] = [
    path("", preferences.preferences, name="preferences"),
    path("mute/<str:token>/", muting.mute, name="mute"),
    path("why/<uuid:pk>/", why.why, name="why"),
    path("number/", numbers.number, name="number"),
    path("number/code/", numbers.confirm, name="confirm_number"),
    path("number/another/", numbers.another_code, name="another_code"),
    path("number/remove/", numbers.remove, name="remove_number"),
    path("addresses/", addresses.addresses, name="addresses"),
    path("addresses/<int:pk>/again/", addresses.again, name="try_again"),
    path("returns/", returns.bounce, name="returns"),
    path("receipts/", returns.receipt, name="receipts"),
    path("webhooks/", endpoints.webhooks, name="webhooks"),
    path("webhooks/add/", endpoints.add_webhook, name="add_webhook"),
    path("webhooks/<uuid:pk>/", endpoints.webhook, name="webhook"),
    path("webhooks/<uuid:pk>/end/", endpoints.end_webhook, name="end_webhook"),
    path("webhooks/<uuid:pk>/again/<int:delivery>/", endpoints.send_again, name="send_again"),
    path("webhooks/<uuid:pk>/test/", endpoints.test_webhook, name="test_webhook"),
    path("promise/", promise.promise, name="promise"),
    path("operating/", operating.operating, name="operating"),
    path("operating/hold/", operating.hold, name="hold"),
    path("operating/resume/", operating.resume, name="resume"),
    path("operating/retry/", operating.retry, name="retry"),
    path("operating/retry/<uuid:pk>/", operating.retry, name="retry_mailing"),
    path("operating/test/", operating.send_test, name="send_test"),
    path("operating/test/<uuid:pk>/", operating.test, name="test"),
]
