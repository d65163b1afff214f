"""Networks themselves: set up by operators, kept by their coordinators."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.deeds import tried
from accounts.requests import person_of
from network import roles, standing
from network.actions import networks as actions
from network.forms.agencies import NetworkForm
from network.models import Network
from network.views.pressing import network_of

either = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def networks(request: HttpRequest) -> HttpResponse:
    """The networks one may change, and for operators the way to set one up."""
    here = standing.of(request.user)
    rows = list(Network.objects.visible_to(here).prefetch_related("areas").order_by("name"))
    kept = [network for network in rows if roles.may(here, "network.edit", network)]
    may_add = roles.may(here, "network.add", Network())
    if not kept and not may_add:
        raise PermissionDenied
    return render(request, "network/networks.html", {"networks": kept, "may_add": may_add})


@either
def network_add(request: HttpRequest) -> HttpResponse:
    """Asks for a new network's name, prefix and areas."""
    roles.require(request.user, "network.add", Network())
    form = NetworkForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = tried(form, actions.add_network, by=person_of(request), **form.asked())
        if made:
            messages.success(request, f"{made} is set up. Invite its coordinator and its approver next.")
            return redirect("network:networks")
    return render(request, "network/network_add.html", {"form": form})


@either
def network_edit(request: HttpRequest, prefix: str) -> HttpResponse:
    """Asks for a network's name, areas and limit."""
    network = network_of(request, prefix)
    roles.require(request.user, "network.edit", network)
    asked = {
        "name": network.name,
        "areas": [area.pk for area in network.areas.all()],
        "solo_release_limit": network.solo_release_limit,
    }
    form = NetworkForm(request.POST or None, network=network, initial=asked)
    if request.method == "POST" and form.is_valid():
        saved = tried(form, actions.edit_network, network=network, by=person_of(request), **form.asked())
        if saved:
            messages.success(request, "The network’s settings are saved.")
            return redirect("network:networks")
    return render(request, "network/network_edit.html", {"form": form, "network": network})
