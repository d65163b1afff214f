"""Finding a session, taking a place in it, giving it back, and who else comes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.deeds import pressed
from accounts.requests import person_of
from delivery.models import Recipient
from network import roles, standing
from network.models import Network
from network.visibility import LEADS
from training import actions, notices
from training.models import Booking, Joining, Session, run_by
from training.views.finding import found
from training.views.running import going

PAGE = 25


@require_safe
def sessions(request: HttpRequest) -> HttpResponse:
    """The sessions to come that one may see, soonest first; those that are over with `?past=1`. Pages by position."""
    past = "past" in request.GET
    rows = Session.objects.visible_to(request.user).select_related("course__network")
    rows = rows.past() if past else rows.upcoming()
    last = _last_shown(request)
    if last:
        rows = rows.following(last, backwards=past)
    page = list(rows[: PAGE + 1])
    shown = page[:PAGE]
    booked = Booking.objects.visible_to(request.user).held().filter(person=person_of(request), session__in=shown)
    mine = set(booked.values_list("session", flat=True))
    context = {
        "past": past,
        "rows": [_row(session, has_place=session.pk in mine) for session in shown],
        "first_url": _address(past=past) if last else "",
        "next_url": _address(past=past, after=shown[-1]) if len(page) > PAGE else "",
        "runs": Network.objects.visible_to(request.user).filter(run_by(request.user)).exists(),
    }
    return render(request, "training/sessions.html", context)


@require_safe
def session(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One session: when, where, what, how many places; one's own place; and for who runs it, how it is going."""
    shown, person = found(request, pk), person_of(request)
    runs = roles.may(person, "session.run", shown)
    joining = Joining.objects.visible_to(person).filter(session=shown).first()
    page = {
        "session": shown,
        "when": notices.when(shown),
        "where": shown.place or ("Online" if joining else notices.where(shown)),
        "booking": _own(request, shown),
        "joining": joining,
        "is_open": Session.objects.visible_to(person).open().filter(pk=shown.pk).exists(),
        "may_book": roles.may(person, "session.book", shown),
        "runs": runs,
        "may_list": bool(_whose(request, shown)),
        "was_told": Recipient.objects.visible_to(person).filter(mailing=shown.mailing_id, person=person).exists(),
        "going": going(shown) if runs and shown.mailing else None,
    }
    return render(request, "training/session.html", page)


@require_POST
def book(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Takes a place for oneself."""
    shown = found(request, pk)
    done = f"You have a place on {shown.course.title}: {notices.when(shown)}."
    pressed(request, done, actions.book, session=shown, by=person_of(request))
    return redirect("training:session", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks, then gives one's own place back."""
    shown = found(request, pk)
    booking = _own(request, shown)
    if booking is None:
        return redirect("training:session", pk)
    if request.method == "POST":
        done = "Your place is cancelled. Somebody else can have it now."
        pressed(request, done, actions.cancel, booking=booking, by=person_of(request))
        return redirect("training:session", pk)
    page = {"session": shown, "when": notices.when(shown)}
    return render(request, "training/cancel.html", page)


@require_safe
def attendees(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who has a place, as far as one may know: everyone for who runs or audits the network, one's agency for its leads,
    else oneself. Raises PermissionDenied for who could see nobody. Made to be printed."""
    shown = found(request, pk)
    whose = _whose(request, shown)
    if not whose and _own(request, shown) is None:
        raise PermissionDenied
    held = Booking.objects.visible_to(request.user).held().filter(session=shown)
    page = {
        "session": shown,
        "when": notices.when(shown),
        "where": notices.where(shown),
        "bookings": list(held.select_related("person", "agency").order_by("agency__name", "person__name", "id")),
        "whose": whose,
    }
    return render(request, "training/attendees.html", page)


def _last_shown(request: HttpRequest) -> Session | None:
    if "after" not in request.GET:
        return None
    try:
        return get_object_or_404(Session.objects.visible_to(request.user), pk=request.GET["after"])
    except ValidationError:
        raise Http404 from None


def _row(session: Session, *, has_place: bool) -> dict[str, Any]:
    return {"session": session, "when": notices.when(session), "has_place": has_place}


def _address(*, past: bool, after: Session | None = None) -> str:
    asked = [f"after={after.pk}" if after else "", "past=1" if past else ""]
    return "?".join(filter(None, [reverse("training:sessions"), "&".join(filter(None, asked))]))


def _own(request: HttpRequest, session: Session) -> Booking | None:
    held = Booking.objects.visible_to(request.user).held()
    return held.filter(session=session, person=person_of(request)).first()


def _whose(request: HttpRequest, session: Session) -> str:
    """Whose places this person may list beside their own: everybody’s, their agency’s, or nobody’s."""
    if roles.may(request.user, "session.attendees", session):
        return "everybody"
    return "agency" if standing.of(request.user).holds(*LEADS) else ""
