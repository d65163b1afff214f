"""Addresses for tests: a deed that needs a fresh factor, and shows what reached it."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.urls import path

from accounts.factors import require_fresh
from config.urls import urlpatterns as ours


def deed(request: HttpRequest) -> JsonResponse:
    require_fresh(request.user)
    return JsonResponse({"method": request.method, "sent": dict(request.POST.lists()), "asked": dict(request.GET)})


urlpatterns = [*ours, path("deed/", deed, name="deed")]
