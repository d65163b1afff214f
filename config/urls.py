"""Every address. `tests/test_doors.py` holds who may open each."""

from __future__ import annotations

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from config import health, metrics
from reports import views as reports

handler500 = "config.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", reports.home, name="home"),
    path("manage/", reports.manage, name="manage"),
    path("account/", include("accounts.urls")),
    path("directory/", include("directory.urls")),
    path("alerts/", include("alerts.urls")),
    path("training/", include("training.urls")),
    path("charter/", include("charter.urls")),
    path("network/", include("network.urls")),
    path("messages/", include("delivery.urls")),
    path("reports/", include("reports.urls")),
    path("audit/", include("audit.urls")),
    path("api/v1/", include("api.urls")),
    # Open to anyone.
    path("accessibility/", reports.accessibility, name="accessibility"),
    path("privacy/", reports.privacy, name="privacy"),
    path("cookies/", reports.cookies, name="cookies"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
]
if settings.MODE != "production":
    urlpatterns.append(path("demonstration/", include("demonstration.urls")))
