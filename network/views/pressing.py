"""What the pages about agencies and agreements have in common: how a row is found, and how a deed is tried."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
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


def tried(form: Form, action: Any, **told: Any) -> Any:
    """What the action gives; None when it refused, with the reasons on the form so that nothing typed is lost."""
    try:
        return action(**told)
    except ValidationError as refused:
        known = hasattr(refused, "error_dict") and set(refused.error_dict) <= set(form.fields)
        form.add_error(None, refused if known else ValidationError(refused.messages))
        return None


def pressed(request: HttpRequest, done: str, action: Any, **told: Any) -> Any:
    """For a form that is only a button: says `done`, or why it was refused, on the next page. What the action gives, or
    None."""
    try:
        given = action(**told)
    except ValidationError as refused:
        for text in refused.messages:
            messages.error(request, text)
        return None
    messages.success(request, done)
    return given
