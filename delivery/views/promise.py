"""What is promised of messages that cannot wait, and what was measured, for those who run a network."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from delivery import promise as measuring
from delivery import telling
from network import roles, standing
from network.models import Network


@require_safe
def promise(request: HttpRequest) -> HttpResponse:
    """The promise and the measure of one network. 403 for those who run and watch none; 404 for another's."""
    here = standing.of(request.user)
    shown = Network.objects.visible_to(here).order_by("name")
    networks = [network for network in shown if roles.may(here, "post.promise", network)]
    if not networks:
        raise PermissionDenied("Your role does not let you see this.")
    asked = request.GET.get("network", networks[0].prefix)
    network = next((each for each in networks if each.prefix == asked), None)
    if network is None:
        raise Http404
    page = {
        "network": network,
        "others": [each for each in networks if each != network],
        "head": telling.PROMISE_HEAD,
        "rows": telling.of_promise(measuring.measured(network.pk)),
    }
    return render(request, "delivery/promise.html", page)
