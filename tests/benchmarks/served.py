"""What gunicorn serves in the benchmark: the product as it is; a bare view beside it; the usual list of listings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpResponse
from django.test import override_settings
from django.urls import include, path
from django.utils.module_loading import import_string

product = import_string("config.wsgi.application")  # as the web server runs it

from api import base  # noqa: E402  models are there only now
from tests.benchmarks.api import UsualList  # noqa: E402

settings.ROOT_URLCONF = __name__
base.REQUESTS_A_MINUTE = 10**9  # the rate is not what is measured
urlpatterns = [
    path("bare", lambda request: HttpResponse("ok")),
    path("usual", UsualList.as_view()),
    path("", include("config.urls")),
]
with override_settings(MIDDLEWARE=[]):
    bare = WSGIHandler()


def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """The bare view without any middleware, everything else with all of it."""
    return (bare if environ["PATH_INFO"] == "/bare" else product)(environ, start_response)
