"""Every address. `tests/test_doors.py` holds who may open each."""

from __future__ import annotations

from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from config import health
from reports import views as reports

handler500 = "config.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("", reports.home, name="home"),
    path("account/", include("accounts.urls")),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("accessibility/", reports.accessibility, name="accessibility"),
    path("privacy/", reports.privacy, name="privacy"),
    path("cookies/", reports.cookies, name="cookies"),
]
for prefix, module in {
    "directory/": "directory.urls",
    "alerts/": "alerts.urls",
    "training/": "training.urls",
    "charter/": "charter.urls",
    "network/": "network.urls",
    "reports/": "reports.urls",
    "audit/": "audit.urls",
    "api/v1/": "api.urls",
    **({} if settings.MODE == "production" else {"demonstration/": "demonstration.urls"}),
}.items():
    if find_spec(module):
        urlpatterns.append(path(prefix, include(module)))
