"""Where coordinators put courses and sessions on, announce them and call them off. The actions refuse anybody else."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from delivery import audience, post
from delivery.forms import AudienceForm
from network import roles
from network.models import Network
from training import actions, notices
from training.forms import CourseForm, SessionForm
from training.models import Course, Session, run_by
from training.views.finding import found

either = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def courses(request: HttpRequest) -> HttpResponse:
    """The courses one may see, to put a session on."""
    rows = Course.objects.visible_to(request.user).select_related("network").order_by("title", "id")
    running = set(Network.objects.visible_to(request.user).filter(run_by(request.user)).values_list("pk", flat=True))
    page = {"rows": [{"course": row, "runs": row.network_id in running} for row in rows], "runs": bool(running)}
    return render(request, "training/courses.html", page)


@either
def course_new(request: HttpRequest) -> HttpResponse:
    """Asks what the course is."""
    networks = Network.objects.visible_to(request.user).live().filter(run_by(request.user)).order_by("name")
    if not networks.exists():
        raise PermissionDenied("Only those who run a network add courses.")
    form = CourseForm(request.POST or None, networks=networks)
    if request.method == "POST" and form.is_valid():
        made = tried(form, actions.add_course, by=person_of(request), **form.cleaned_data)
        if made:
            messages.success(request, f"{made.title} has been added. Now say when it takes place.")
            return redirect("training:session_new", made.pk)
    return render(request, "training/course_new.html", {"form": form})


@either
def session_new(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks when and where a course takes place, and for how many."""
    course = get_object_or_404(Course.objects.visible_to(request.user).select_related("network"), pk=pk)
    roles.require(request.user, "session.run", course)
    form = SessionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = tried(form, actions.schedule, course=course, by=person_of(request), **form.cleaned_data)
        if made:
            return redirect("training:address", made.pk)
    return render(request, "training/session_new.html", {"form": form, "course": course})


@either
def address(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks whom the session is for."""
    session, person = _run(request, pk), person_of(request)
    if session.announced_at or session.cancelled_at:
        return redirect("training:session", pk)
    form = AudienceForm(request.POST or None, by=person, network=session.course.network, audience=session.audience)
    if form.is_valid() and tried(form, actions.address, session=session, choice=form.choice, by=person):
        return redirect("training:announce", pk)
    return render(request, "training/address.html", {"form": form, "session": session, "when": notices.when(session)})


@either
def announce(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Shows everybody who would be told, and what; then tells just these people."""
    session, person = _run(request, pk), person_of(request)
    if session.announced_at or session.cancelled_at:
        return redirect("training:session", pk)
    if session.audience is None:
        return redirect("training:address", pk)
    if request.method == "POST":
        told = {"session": session, "sheet": request.POST.get("sheet", ""), "by": person}
        here = "training:session" if pressed(request, "Announced.", actions.announce, **told) else "training:announce"
        return redirect(here, pk)
    return render(request, "training/announce.html", _sheet(session))


@require_safe
def progress(request: HttpRequest, pk: UUID) -> JsonResponse:
    """How far the emails have got, for the bar on the page."""
    return JsonResponse(going(_run(request, pk)))


@either
def call_off(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks, then calls a session off and tells those who have a place."""
    session = _run(request, pk)
    if request.method == "POST":
        done = "The session is called off. Everybody with a place is told."
        pressed(request, done, actions.call_off, session=session, by=person_of(request))
        return redirect("training:session", pk)
    return render(request, "training/call_off.html", {"session": session, "when": notices.when(session)})


def going(session: Session) -> dict[str, Any]:
    """How the announcement's emails go, in numbers and words; all finished where there is none."""
    if session.mailing is None:
        return {"done": 0, "total": 0, "text": "Not announced", "finished": True}
    now = post.progress(session.mailing)
    return {"done": now.total - now.waiting, "total": now.total, "text": now.words, "finished": now.finished}


def _run(request: HttpRequest, pk: UUID) -> Session:
    session = found(request, pk)
    roles.require(request.user, "session.run", session)
    return session


def _sheet(session: Session) -> dict[str, Any]:
    assert session.audience is not None  # noqa: S101 — asked before
    people = audience.named(session.audience)
    agencies = [(name, list(rows)) for name, rows in groupby(people, lambda row: row.agency)]
    return {
        "session": session,
        "when": notices.when(session),
        "people": people,
        "agencies": agencies,
        "rule": audience.describe(session.audience),
        "sheet": audience.fingerprint(people),
        "letter": notices.announcement(session, ""),
    }
