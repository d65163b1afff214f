"""Reading the audit trail: each as far as they may."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from audit import actions, guide
from audit.forms import ExportForm, TrailForm
from audit.models import Entry, Seal

PAGE = 50


@require_safe
def trail(request: HttpRequest) -> HttpResponse:
    """Who did what, and when: the newest first, a page at a time."""
    places = guide.places(request.user)
    form = TrailForm(request.GET, places=places)
    found = _found(request, form) if form.is_valid() else []
    form.forget_the_page()
    context = {"form": form, "entries": found[:PAGE], "seal": _newest_seal(request), **_pages(request, found)}
    asked = [(name, value) for name, value in request.GET.items() if name in form.fields and name != "before"]
    return render(request, "audit/trail.html", {**context, "asked": asked, "may_export": places.may_export})


@require_safe
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """One deed, with all that is known of it."""
    found = get_object_or_404(Entry.objects.visible_to(request.user), pk=pk)
    names = {str(known): name for kind in guide.places(request.user)[:2] for known, name in kind}
    where = [name for name in (names.get(str(found.agency_id)), names.get(str(found.network_id))) if name]
    rows = [
        {"key": "When", "value": found.at, "moment": True},
        {"key": "Who", "value": found.actor_name or "The platform"},
        {"key": "What they did", "value": found.sentence},
        {"key": "To what", "value": " ".join(filter(None, [found.kind, found.subject_name]))},
        {"key": "Its reference", "value": found.subject_id},
        *({"key": "Where", "value": ", ".join(where)} for _ in where[:1]),
        {"key": "Details", "value": "; ".join(found.facts) or "None"},
        {"key": "Sealed", "value": _place(request, found)},
    ]
    return render(request, "audit/entry.html", {"entry": found, "rows": rows})


@require_POST
def sheet(request: HttpRequest) -> HttpResponseBase:
    """The same entries as the page with the same filter, as comma-separated values. Leaves an entry."""
    form = TrailForm(request.POST, places=guide.places(request.user))
    if not form.is_valid():
        return render(request, "audit/trail.html", {"form": form})
    lines = actions.download(chosen=form.narrowed(), by=request.user)
    return _file(lines, "text/csv; charset=utf-8", f"trail-{timezone.localdate():%Y-%m-%d}.csv")


@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest) -> HttpResponseBase:
    """For auditors: the chain, with the entries they may read, for the checker. Leaves an entry."""
    networks = _audited(request)
    if not networks:
        raise PermissionDenied
    form = ExportForm(request.POST if request.method == "POST" else None, networks=networks)
    if request.method == "POST" and form.is_valid():
        lines = actions.export(network=form.cleaned_data["network"], by=request.user)
        return _file(lines, "application/jsonl", f"trail-{timezone.localdate():%Y-%m-%d}.jsonl")
    return render(request, "audit/export.html", {"form": form})


def _found(request: HttpRequest, form: TrailForm) -> list[Entry]:
    entries = Entry.objects.visible_to(request.user).filter(form.narrowed())
    if form.cleaned_data["before"]:
        entries = entries.filter(pk__lt=form.cleaned_data["before"])
    return list(entries.order_by("-pk")[: PAGE + 1])


def _pages(request: HttpRequest, found: list[Entry]) -> dict[str, Any]:
    """Where older entries are, and the way back to the newest."""
    asked = request.GET.copy()
    first = asked.pop("before", None)
    newest = f"?{asked.urlencode()}" if first else ""
    if len(found) > PAGE:
        asked["before"] = str(found[PAGE - 1].pk)
    return {"newest_url": newest, "older_url": f"?{asked.urlencode()}" if len(found) > PAGE else ""}


def _newest_seal(request: HttpRequest) -> Seal | None:
    return Seal.objects.visible_to(request.user).order_by("-number").first()


def _place(request: HttpRequest, found: Entry) -> str:
    """Where the entry stands in the chain, for who may see the seals."""
    place = getattr(found, "sealed", None)
    if place is None:
        return "Not yet"
    seal = Seal.objects.visible_to(request.user).filter(first__lte=place.pk, last__gte=place.pk).first()
    return f"As number {place.pk}, under seal {seal.number}" if seal else "Yes"


def _audited(request: HttpRequest) -> list[tuple[Any, str]]:
    return [(network.pk, str(network)) for network in guide.audited(request.user)]


def _file(lines: Iterable[str | bytes], kind: str, name: str) -> HttpResponseBase:
    answer = StreamingHttpResponse(lines, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
