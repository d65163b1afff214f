"""Plans by which agencies end and others take over: merged, split, or closed with a successor."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from network import above, joining, roles, standing, succession
from network.actions import succession as actions
from network.forms.successions import AgreeForm, PlanForm, ReasonForm
from network.models import Agency, Appointment, Membership, Party, Succession
from network.views.pressing import network_of
from network.visibility import LEADS

either = require_http_methods(["GET", "HEAD", "POST"])
Side = Party.Side


@either
def prepare(request: HttpRequest, prefix: str) -> HttpResponse:
    """Asks which agencies end, and which take over. Nothing changes yet."""
    network = network_of(request, prefix)
    roles.require(request.user, "succession.prepare", network)
    places = Membership.objects.visible_to(request.user).live().filter(network=network)
    agencies = Agency.objects.visible_to(request.user).filter(pk__in=places.values("agency")).order_by("name")
    form = PlanForm(request.POST or None, agencies=agencies)
    if request.method == "POST" and form.is_valid():
        plan = tried(form, actions.prepare, network=network, by=person_of(request), **form.asked())
        if plan:
            return redirect("network:succession", plan.pk)
    return render(request, "network/agencies_plan.html", {"form": form, "network": network})


@require_safe
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is planned: who ends, who takes over, who has agreed, who comes along, and what follows."""
    found = _plan(request, pk)
    parties = list(
        Party.objects.visible_to(request.user).filter(succession=found).select_related("agency", "agreed_by")
    )
    is_open = Succession.objects.visible_to(request.user).open().filter(pk=pk).exists()
    run = roles.may(request.user, "succession.prepare", found)
    page = {
        "plan": found,
        "is_open": is_open,
        "ending": _ending(request, parties, is_open=is_open),
        "following": _following(request, parties),
        "asked": _asked(request, parties, found) if is_open else [],
        "waiting": [party for party in parties if not party.is_settled],
        "run": run,
        "elsewhere": _elsewhere(request, found, parties),
    }
    return render(request, "network/agencies_succession.html", page)


@either
def agree(request: HttpRequest, pk: UUID, party: UUID) -> HttpResponse:
    """Asks a lead who and what goes where, and whether the agency agrees."""
    asked = _party(request, pk, party)
    succession.require_say(asked, request.user)
    form = _agree_form(request, asked)
    if request.method == "POST" and form.is_valid():
        agreed = tried(form, actions.agree, party=asked, by=person_of(request), **form.asked())
        if agreed:
            return redirect("network:succession", pk)
    return render(request, "network/agencies_agree.html", {"form": form, "party": asked, "plan": asked.succession})


@either
def refuse(request: HttpRequest, pk: UUID, party: UUID) -> HttpResponse:
    """Asks why, then the agency says no, and the plan is dropped."""
    asked = _party(request, pk, party)
    succession.require_say(asked, request.user)
    return _given_up(request, asked.succession, partial(actions.refuse, party=asked), refusing=asked)


@require_POST
def carry_out(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Does what was planned."""
    found = _plan(request, pk)
    pressed(request, "It is done.", actions.carry_out, plan=found, by=person_of(request))
    return redirect("network:succession", pk)


@either
def drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Asks why, then gives the plan up."""
    found = _plan(request, pk)
    roles.require(request.user, "succession.prepare", found)
    return _given_up(request, found, partial(actions.drop, plan=found))


def _given_up(request: HttpRequest, plan: Succession, deed: Any, refusing: Party | None = None) -> HttpResponse:
    """The last question, with what has been agreed and would be lost."""
    if not Succession.objects.visible_to(request.user).open().filter(pk=plan.pk).exists():
        messages.error(request, "This plan is over already.")
        return redirect("network:succession", plan.pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid() and tried(form, deed, reason=form.cleaned_data["reason"], by=person_of(request)):
        messages.success(request, "The plan is dropped. Nothing has changed.")
        return redirect("network:succession", plan.pk)
    parties = list(Party.objects.visible_to(request.user).filter(succession=plan).select_related("agency"))
    page = {
        "form": form,
        "plan": plan,
        "ending": [party for party in parties if party.side == Side.ENDS],
        "following": [party for party in parties if party.side == Side.FOLLOWS],
        "agreed": [party for party in parties if party.agreed_at],
        "refusing": refusing,
    }
    return render(request, "network/agencies_drop.html", page)


def _plan(request: HttpRequest, pk: UUID) -> Succession:
    return get_object_or_404(Succession.objects.visible_to(request.user).select_related("network", "dropped_by"), pk=pk)


def _party(request: HttpRequest, pk: UUID, party: UUID) -> Party:
    """The party of this plan, and of no other."""
    rows = Party.objects.visible_to(request.user).select_related("agency", "succession__network")
    return get_object_or_404(rows, pk=party, succession=pk)


def _ending(request: HttpRequest, parties: list[Party], *, is_open: bool) -> list[dict[str, Any]]:
    """Who ends, with everybody who leads or works there, and where they go."""
    ending = [party for party in parties if party.side == Side.ENDS]
    names = {str(party.pk): str(party) for party in parties}
    known = Appointment.objects.visible_to(request.user)
    people = succession.people_of((party.agency_id for party in ending if party.agency_id), known)
    return [
        {
            "party": party,
            "things": above.things(party.agency, request.user) if party.agency and is_open else [],
            "people": [
                {"row": row, "goes": names.get(party.moves.get("people", {}).get(str(row.pk), ""), "")}
                for row in (people[party.agency_id] if party.agency_id else ())
            ],
        }
        for party in ending
    ]


def _following(request: HttpRequest, parties: list[Party]) -> list[dict[str, Any]]:
    """Who takes over, and how many people are there who come to see more."""
    following = [party for party in parties if party.side == Side.FOLLOWS]
    known = Appointment.objects.visible_to(request.user)
    people = succession.people_of((party.agency_id for party in following if party.agency_id), known)
    return [
        {"party": party, "gain": len({row.person_id for row in people[party.agency_id]}) if party.agency_id else 0}
        for party in following
    ]


def _asked(request: HttpRequest, parties: list[Party], plan: Succession) -> list[Party]:
    """Those for which this person can still say yes or no."""
    led = standing.of(request.user).agencies(*LEADS)
    waiting = [party for party in parties if not party.is_settled]
    stands_in = roles.may(request.user, "succession.stand_in", plan)
    return [
        party for party in waiting if party.agency_id in led or (stands_in and joining.is_leaderless(party.agency_id))
    ]


def _agree_form(request: HttpRequest, party: Party) -> AgreeForm:
    if party.agency is None:
        raise Http404
    heirs = Party.objects.visible_to(request.user).filter(succession=party.succession_id, side=Side.FOLLOWS)
    ends = party.side == Side.ENDS
    known = Appointment.objects.visible_to(request.user)
    people = succession.people_of([party.agency.pk], known)[party.agency.pk] if ends else []
    things = above.things(party.agency, request.user) if ends else []
    return AgreeForm(request.POST or None, heirs=list(heirs.select_related("agency")), people=people, things=things)


def _elsewhere(request: HttpRequest, plan: Succession, parties: list[Party]) -> list[Membership]:
    """Places of the ending agencies in other networks, as far as this person sees them: their leads do."""
    ending = [party.agency_id for party in parties if party.side == Side.ENDS]
    rows = Membership.objects.visible_to(request.user).live().filter(agency__in=ending).exclude(network=plan.network)
    return list(rows.select_related("agency", "network").order_by("agency__name", "network__name"))
