"""How an agency comes to be in a network: begun by its coordinator, done by its leads, and then admitted."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from network import roles
from network.actions import joining as actions
from network.forms.agencies import StartForm
from network.models import Agency, Membership, Network
from network.views.pressing import network_of, place_of

either = require_http_methods(["GET", "HEAD", "POST"])


@either
def start(request: HttpRequest, prefix: str) -> HttpResponse:
    """Asks which agency joins, and who leads it."""
    network = network_of(request, prefix)
    roles.require(request.user, "agency.start", network)
    form = _form(request, network)
    if request.method == "POST" and form.is_valid():
        place = _begun(form, request, network)
        if place:
            messages.success(request, f"{place.agency} can begin to join.")
            return redirect("network:agency", prefix, place.agency_id)
    return render(request, "network/agency_start.html", {"form": form, "network": network})


@require_POST
def admit(request: HttpRequest, prefix: str, pk: UUID) -> HttpResponse:
    """The agency is a member from now on."""
    place = place_of(request, prefix, pk)
    pressed(request, f"{place.agency} is a member now.", actions.admit, membership=place, by=person_of(request))
    return redirect("network:agency", prefix, pk)


@require_POST
def remind(request: HttpRequest, prefix: str, pk: UUID) -> HttpResponse:
    """A letter to who leads an agency that has yet to do something."""
    place = place_of(request, prefix, pk)
    pressed(request, f"Who leads {place.agency} is reminded.", actions.remind, membership=place, by=person_of(request))
    return redirect("network:agency", prefix, pk)


@either
def withdraw(request: HttpRequest, prefix: str, pk: UUID) -> HttpResponse:
    """Asks once more, then gives the joining up."""
    place = place_of(request, prefix, pk)
    roles.require(request.user, "agency.withdraw", place)
    if place.from_at is not None or place.until_at is not None:
        return redirect("network:agency", prefix, pk)  # it is not joining any more
    if request.method == "POST":
        pressed(request, "The joining is given up.", actions.withdraw, membership=place, by=person_of(request))
        return redirect("network:agencies")
    return render(request, "network/agency_withdraw.html", {"place": place})


@require_POST
def assure(request: HttpRequest, prefix: str, pk: UUID) -> HttpResponse:
    """The agency's details are right today."""
    place = place_of(request, prefix, pk)
    pressed(request, "The agency’s details are confirmed.", actions.assure, agency=place.agency, by=person_of(request))
    return redirect("network:agency", prefix, pk)


@require_POST
def use_existing(request: HttpRequest, prefix: str, pk: UUID, existing: UUID) -> HttpResponse:
    """An agency that is here already joins in place of the new one."""
    place = place_of(request, prefix, pk)
    agency = get_object_or_404(Agency.objects.visible_to(request.user), pk=existing)
    told = {"membership": place, "agency": agency, "by": person_of(request)}
    found = pressed(request, f"{agency} joins in its place.", actions.use_existing, **told)
    return redirect("network:agency", prefix, found.agency_id if found else pk)


def _form(request: HttpRequest, network: Network) -> StartForm:
    """The choices end at what this coordinator sees: an agency of somebody else's network is not among them."""
    there = Membership.objects.visible_to(request.user).filter(network=network, until_at=None)
    known = Agency.objects.visible_to(request.user).exclude(pk__in=there.values("agency")).order_by("name")
    return StartForm(request.POST or None, agencies=known, areas=network.areas.order_by("name"))


def _begun(form: StartForm, request: HttpRequest, network: Network) -> Membership | None:
    by, existing = person_of(request), form.cleaned_data.get("agency")
    if existing:
        found: Membership | None = tried(form, actions.start_existing, network=network, agency=existing, by=by)
    else:
        found = tried(form, actions.start, network=network, by=by, **form.asked())
    return found
