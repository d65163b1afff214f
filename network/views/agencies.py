"""The agencies of a network, for who runs it, and an agency's own places, for its leads."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from network import agreements, roles, roster, standing
from network.actions import agencies as actions
from network.forms.agencies import FilterForm, LeaveForm, RenameForm, SuspendForm
from network.models import Invitation, Membership, Network, Succession, Suspension
from network.views.pressing import place_of
from network.visibility import INSIDERS, RUNNERS, Role

either = require_http_methods(["GET", "HEAD", "POST"])
WATCHING = (*RUNNERS, Role.AUDITOR)
HEAD = [{"text": "Agency"}, {"text": "Place"}, {"text": "To put right"}]


@require_safe
def agencies(request: HttpRequest) -> HttpResponse:
    """The agencies of the networks one runs, and the places of one's own agencies."""
    here = standing.of(request.user)
    run = here.networks(*WATCHING)
    shown = Network.objects.visible_to(here).filter(pk__in=run).order_by("name")
    networks = list(shown)
    if not networks and not here.holds(*INSIDERS):
        raise PermissionDenied
    form = FilterForm(request.GET or None, networks=networks, shown=shown)
    rows = roster.rows(_asked_for(Membership.objects.visible_to(here).filter(network__in=run), form))
    own = roster.rows(Membership.objects.visible_to(here).filter(agency__in=here.agencies(*INSIDERS)))
    coordinated = here.networks(Role.COORDINATOR)
    page = {
        "form": form,
        "networks": networks,
        "coordinated": [network for network in networks if network.pk in coordinated],
        "rows": _cells(_in_state(rows, form), several=len(networks) > 1),
        "head": HEAD,
        "own": [_own(row) for row in own if "ended" not in row.states],
        "plans": list(
            Succession.objects.visible_to(here).open().prefetch_related("parties__agency").select_related("network")
        ),
    }
    return render(request, "network/agencies.html", page)


@require_safe
def agency(request: HttpRequest, prefix: str, pk: UUID) -> HttpResponse:
    """One agency's place in a network: how it stands, what is missing, and what can be done."""
    place = place_of(request, prefix, pk)
    row = roster.row(place)
    reasons = Suspension.objects.visible_to(request.user).filter(membership=place)
    past = Membership.objects.visible_to(request.user).filter(network=place.network_id, agency=place.agency_id)
    invited = Invitation.objects.visible_to(request.user).open().filter(agency=place.agency_id)
    run, own = roles.may(request.user, "agency.run", place), roles.may(request.user, "agency.assure", place)
    page = {
        "place": place,
        "row": row,
        "run": run,
        "own": own,
        "reason": next((found.reason for found in reasons), ""),
        "history": [_story(each) for each in past.exclude(from_at=None).order_by("pk")],
        "tasks": _tasks(row, own=own) if row.joining else [],
        "turn": _turn(row, invited=invited.exists() if row.joining else False),
        "may_remind": run and _may_remind(request, row),
        "twins": _twins(request, place) if own and row.joining else [],
    }
    return render(request, "network/agency.html", page)


@either
def suspend(request: HttpRequest, prefix: str, pk: UUID) -> HttpResponse:
    """Asks why, then closes the network to the agency."""
    place = _run(request, prefix, pk)
    form = SuspendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        if tried(form, actions.suspend, membership=place, reason=reason, by=person_of(request)):
            return _done(request, f"{place.agency} is suspended.", place)
    return render(request, "network/agency_suspend.html", {"form": form, "place": place})


@either
def let_back(request: HttpRequest, prefix: str, pk: UUID) -> HttpResponse:
    """Asks once more, then opens the network to the agency again."""
    place = _run(request, prefix, pk)
    if request.method == "POST":
        pressed(request, f"{place.agency} is back.", actions.let_back, membership=place, by=person_of(request))
        return redirect("network:agency", prefix, pk)
    return render(request, "network/agency_let_back.html", {"place": place})


@either
def leave(request: HttpRequest, prefix: str, pk: UUID) -> HttpResponse:
    """Asks when, then ends the agency's place."""
    place = _run(request, prefix, pk)
    form = LeaveForm(request.POST or None, initial={"when": "now"})
    if request.method == "POST" and form.is_valid():
        left = tried(form, actions.leave, membership=place, at=form.at, by=person_of(request))
        if left:
            return _done(request, f"{place.agency}’s place {'has an end' if form.at else 'has ended'}.", place)
    return render(request, "network/agency_leave.html", {"form": form, "place": place})


@either
def rename(request: HttpRequest, prefix: str, pk: UUID) -> HttpResponse:
    """Asks for the new name. The old one stays among those the agency is found by."""
    place = _run(request, prefix, pk)
    form = RenameForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        renamed = tried(form, actions.rename, membership=place, name=form.cleaned_data["name"], by=person_of(request))
        if renamed:
            return _done(request, f"The agency is called {renamed} now.", place)
    return render(request, "network/agency_rename.html", {"form": form, "place": place})


def _run(request: HttpRequest, prefix: str, pk: UUID) -> Membership:
    place = place_of(request, prefix, pk)
    roles.require(request.user, "agency.run", place)
    return place


def _done(request: HttpRequest, said: str, place: Membership) -> HttpResponse:
    messages.success(request, said)
    return redirect("network:agency", place.network.prefix, place.agency_id)


def _asked_for(rows: Any, form: FilterForm) -> Any:
    chosen = form.cleaned_data.get("network") if form.is_valid() else None
    return rows.filter(network=chosen) if chosen else rows


def _in_state(rows: list[roster.Row], form: FilterForm) -> list[roster.Row]:
    state = form.cleaned_data.get("state") if form.is_valid() else ""
    return [row for row in rows if (state in row.states if state else "ended" not in row.states)]


def _cells(rows: list[roster.Row], *, several: bool) -> list[list[dict[str, str]]]:
    return [
        [
            {"text": row.membership.agency.name, "url": _url(row.membership)},
            {"text": row.place[0], "tag": row.place[1]},
            {"text": " ".join([*([f"{row.membership.network.name}."] if several else []), *row.remarks])},
        ]
        for row in rows
    ]


def _url(place: Membership) -> str:
    return reverse("network:agency", args=[place.network.prefix, place.agency_id])


def _own(row: roster.Row) -> dict[str, Any]:
    place = row.membership
    return {"place": place, "tag": row.place, "remarks": row.remarks, "url": _url(place)}


def _story(place: Membership) -> dict[str, Any]:
    """From when until when, and since when suspended."""
    return {"from_at": place.from_at, "until_at": place.until_at, "suspended_at": place.suspended_at}


def _tasks(row: roster.Row, *, own: bool) -> list[dict[str, Any]]:
    """The list of what is to be done, with links where it is this person who does it."""
    assert row.joining is not None  # noqa: S101  asked before
    agreement = row.terms.to_sign
    links = {
        "agreement": reverse("network:agreement", args=[agreement.pk]) if agreement else "",
        "leads": reverse("network:people"),
        "entry": reverse("directory:agency", args=[row.membership.agency_id]),
    }
    return [
        {
            "title": step.title,
            "url": links[step.name] if own and not step.done else "",
            "status": "Completed" if step.done else "Not yet",
            "colour": "" if step.done else "blue",
            "hint": "" if step.done else "For the agency’s leads",
        }
        for step in row.joining.steps
    ]


def _turn(row: roster.Row, *, invited: bool) -> str:
    if row.joining is None:
        return ""
    if row.joining.is_ready:
        return "Everything is done. It is the coordinator’s turn: admit the agency."
    if not row.leads and invited:
        return "An invitation to the agency waits to be accepted."
    if not row.leads:
        return "It is the coordinator’s turn: invite somebody to lead the agency."
    return "It is the agency’s turn."


def _may_remind(request: HttpRequest, row: roster.Row) -> bool:
    """Whether it is the turn of an agency that somebody leads, and that was not reminded within the last day."""
    if row.joining is None or row.joining.is_ready or not row.leads:
        return False
    rows = Membership.objects.visible_to(request.user).filter(agreements.may_be_reminded(), pk=row.membership.pk)
    return rows.exists()


def _twins(request: HttpRequest, place: Membership) -> list[Membership]:
    """Other agencies that this person leads, and that are not in this network: one of them may be the same."""
    led = standing.of(request.user).agencies(Role.LEAD, Role.DEPUTY) - {place.agency_id}
    there = Membership.objects.visible_to(request.user).filter(network=place.network_id, until_at=None)
    rows = Membership.objects.visible_to(request.user).live().filter(agency__in=led).select_related("agency")
    found = rows.exclude(agency__in=there.values("agency"))
    return list({row.agency_id: row for row in found}.values())
