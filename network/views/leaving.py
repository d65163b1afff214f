"""Somebody leaves: what they hold, who takes over, and closing an account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts import actions as accounts
from accounts.deeds import pressed, tried
from accounts.models import User
from accounts.requests import person_of
from network import actions, appointing, leaving
from network.appointing import Place
from network.forms.people import AskAgainForm, DeclineForm, LeaveForm, TakeBackForm
from network.models import Agency, Appointment, Handover
from network.views.people import colleague_of, colleagues, kind_of, place_of, to_roster


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, pk: UUID, who: UUID, model: type[Place]) -> HttpResponse:
    """Who leaves, what they hold there, who takes over, and when."""
    by, place = person_of(request), place_of(request, model, pk)
    leaver = colleague_of(request, place, who)
    held = list(appointing.current(leaver, place))
    for appointment in held:
        appointing.require_end(by, appointment)
    form = LeaveForm(
        request.POST or None,
        colleagues=colleagues(by, place).exclude(pk=leaver.pk),
        may_heirless=_is_only_lead(leaver, place) and appointing.may_end_heirless(by, place),
    )
    if request.method == "POST" and form.is_valid():
        try:
            return _left(request, form.cleaned_data, leaver, place)
        except ValidationError as refusal:
            form.add_error(None, refusal)
    context = {
        "form": form,
        "place": place,
        "who": leaver,
        "held": leaving.held(leaver, place, by),
        "is_only_lead": _is_only_lead(leaver, place),
        "back_url": reverse(f"network:{kind_of(place)}_people", args=[place.pk]),
    }
    return render(request, "network/leave.html", context)


def _left(request: HttpRequest, given: dict[str, Any], leaver: User, place: Place) -> HttpResponse:
    by, successor = person_of(request), given["successor"]
    if successor is None:
        actions.leave(person=leaver, place=place, heirless=bool(given.get("heirless")), by=by)
        messages.success(request, f"{leaver} has left {place}.")
        return to_roster(place)
    asked = actions.ask_handover(leaver=leaver, successor=successor, place=place, now=given["when"] == "now", by=by)
    messages.success(request, f"{successor} is asked to take over.")
    return redirect("network:handover", asked.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def handover(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is to be taken over: for the successor a question, for who asked how it stands. After a no, another is asked
    from here."""
    by, found = person_of(request), _seen(request, pk)
    may_ask = bool(found.ended_at) and appointing.may_confirm(by, found.place) and found.leaver_id != by.pk
    others = colleagues(by, found.place).exclude(pk__in=[found.leaver_id, found.successor_id])
    form = AskAgainForm(request.POST or None, colleagues=others) if may_ask else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            return _asked_again(request, found, form.cleaned_data["successor"])
    context = {
        "handover": found,
        "roles": [Appointment.Role(role).label for role in found.roles],
        "held": leaving.held(found.leaver, found.place, by),
        "is_open": not found.accepted_at and not found.ended_at,
        "is_successor": found.successor_id == by.pk,
        "may_take_back": leaving.may_take_back(found, by),
        "form": form,
    }
    return render(request, "network/handover.html", context)


def _asked_again(request: HttpRequest, found: Handover, successor: User) -> HttpResponse:
    try:
        asked = actions.ask_handover(leaver=found.leaver, successor=successor, place=found.place, by=person_of(request))
        return redirect("network:handover", asked.pk)
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
        return redirect("network:handover", found.pk)


@require_POST
def accept(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Yes."""
    words, found = "You have taken over. Thank you.", _seen(request, pk)
    pressed(request, words, actions.accept_handover, handover=found, by=person_of(request))
    return redirect("network:handover", pk)


@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks why, then says no: it goes back to who asked."""
    by, found = person_of(request), _seen(request, pk)
    if found.successor_id != by.pk:
        raise PermissionDenied
    if found.accepted_at or found.ended_at:
        messages.error(request, "This handover is over.")
        return redirect("network:handover", pk)
    form = DeclineForm(request.POST or None)
    if form.is_valid() and tried(form, actions.decline_handover, handover=found, by=by, **form.cleaned_data):
        messages.success(request, "You declined. Who asked you is told.")
        return redirect("network:handover", pk)
    return render(request, "network/handover_decline.html", {"form": form, "handover": found})


@require_http_methods(["GET", "HEAD", "POST"])
def take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks why, then asks no longer."""
    by, found = person_of(request), _seen(request, pk)
    if not leaving.may_take_back(found, by):
        raise PermissionDenied
    if found.accepted_at or found.ended_at:
        messages.error(request, "This handover is over.")
        return redirect("network:handover", pk)
    form = TakeBackForm(request.POST or None)
    if form.is_valid() and tried(form, actions.take_back_handover, handover=found, by=by, **form.cleaned_data):
        messages.success(request, "Nobody is asked any more.")
        return redirect("network:handover", pk)
    return render(request, "network/handover_take_back.html", {"form": form, "handover": found})


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask once more, then close the account."""
    by = person_of(request)
    who = get_object_or_404(User.objects.visible_to(by).filter(is_active=True), pk=pk)
    appointing.may_close(who, by)
    if request.method == "POST":
        accounts.close(person=who, by=by)
        messages.success(request, f"The account of {who} is closed.")
        return redirect("network:people")
    rows = Appointment.objects.visible_to(by).filter(appointing.not_over(), person=who)
    held = list(rows.select_related("agency", "network"))
    alone = leaving.agencies_without_lead_but_for(who)
    return render(request, "network/close_account.html", {"who": who, "held": held, "alone": alone})


def _seen(request: HttpRequest, pk: UUID) -> Handover:
    rows = Handover.objects.visible_to(request.user)
    found: Handover = get_object_or_404(
        rows.select_related("leaver", "successor", "asked_by", "ended_by", "agency", "network"), pk=pk
    )
    return found


def _is_only_lead(person: User, place: Place) -> bool:
    return isinstance(place, Agency) and place in leaving.agencies_without_lead_but_for(person)
