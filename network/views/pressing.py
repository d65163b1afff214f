"""What the pages about agencies and agreements have in common: how a row is found, and how a deed is tried."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from network.models import Membership, Network


def network_of(request: HttpRequest, prefix: str) -> Network:
    """The network, if this person may see it; otherwise 404, exactly as if there were none."""
    return get_object_or_404(Network.objects.visible_to(request.user), prefix=prefix)


def place_of(request: HttpRequest, prefix: str, pk: UUID) -> Membership:
    """The agency's last place in the network, if this person may see it; otherwise 404."""
    rows = Membership.objects.visible_to(request.user).filter(network__prefix=prefix, agency=pk)
    found = rows.select_related("agency", "network").order_by("-pk").first()
    if found is None:
        raise Http404
    return found
