"""Who can see a thing of the directory, and why. Who sees it may ask about themselves; who answers for it about all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from directory import explaining, spells, subjects
from directory.subjects import Subject
from network import telling
from network.forms.sight import BetweenForm, SightForm


@require_safe
def who(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """Who can see it, now or on a past date; for those who do not answer for it, why they themselves can."""
    subject = _seen(request, kind, pk)
    context: dict[str, Any] = {"subject": subject, "own_reasons": explaining.of_oneself(subject, by=request.user)}
    if not subject.answers_to(request.user):
        return render(request, "directory/why.html", context)
    form = SightForm(request.GET)
    context |= telling.page(explaining.of(subject, by=request.user, at=form.moment), request.GET, form)
    context["csv_url"] = reverse("directory:who_csv", args=[kind, pk]) + context["query"]
    context["beside"] = subjects.beside(subject.listing, request.user) if subject.has_past else []
    context["between_url"] = reverse("directory:between", args=[pk]) if subject.has_past else ""
    return render(request, "directory/who.html", context)


@require_safe
def who_csv(request: HttpRequest, kind: str, pk: UUID) -> HttpResponse:
    """The same people, to keep as a list. 403 for those who do not answer for it."""
    subject = _answered_for(request, _seen(request, kind, pk))
    form = SightForm(request.GET)
    return telling.sheet(explaining.of(subject, by=request.user, at=form.moment), request.GET, form)


@require_safe
def between(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who could see a listing between two dates, and who was shown what is kept closed in it. 403 for those who do not
    answer for it."""
    subject = _answered_for(request, _seen(request, "listing", pk))
    asked = bool(request.GET)
    form = BetweenForm(request.GET if asked else None)
    context: dict[str, Any] = {"subject": subject, "form": form}
    if asked and form.is_valid():
        context["told"] = spells.between(subject.listing, *form.span, by=request.user)
    return render(request, "directory/between.html", context)


def _seen(request: HttpRequest, kind: str, pk: UUID) -> Subject:
    subject = subjects.find(kind, pk, request.user)
    if subject is None:
        raise Http404
    return subject


def _answered_for(request: HttpRequest, subject: Subject) -> Subject:
    if not subject.answers_to(request.user):
        raise PermissionDenied("Your role does not let you ask who can see this.")
    return subject
