"""Reading the audit trail: each as far as they may."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from audit.forms import TrailForm
from audit.models import Entry

PAGE = 50


@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    """Who did what, and when: the newest first, a page at a time."""
    form = TrailForm(request.GET)
    entries = Entry.objects.visible_to(request.user).filter(**form.narrowed())
    if form.is_valid() and form.cleaned_data["before"]:
        entries = entries.filter(id__lt=form.cleaned_data["before"])
    found = list(entries.order_by("-id")[: PAGE + 1]) if form.is_valid() else []
    context = {"form": form, "entries": found[:PAGE], **_pages(request, found)}
    return render(request, "audit/trail.html", context)


def _pages(request: HttpRequest, found: list[Entry]) -> dict[str, Any]:
    """Where older entries are, and the way back to the newest."""
    asked = request.GET.copy()
    first = asked.pop("before", None)
    newest = f"?{asked.urlencode()}" if first else ""
    if len(found) > PAGE:
        asked["before"] = str(found[PAGE - 1].pk)
    return {"newest_url": newest, "older_url": f"?{asked.urlencode()}" if len(found) > PAGE else ""}
