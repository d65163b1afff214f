"""Invitations, for who sends them and for who agrees."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from network import actions, addresses, appointing
from network.forms.people import AddressForm, InviteForm, NetworkInviteForm
from network.models import Agency, Invitation, Network
from network.views.people import invitation_rows


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """Two steps: the address, which suggests an agency, and then the rest. `?agency=` chooses one beforehand, if the
    person may invite there."""
    by = person_of(request)
    where, given = appointing.staffed_by(by)
    if not given:
        raise PermissionDenied
    agencies = Agency.objects.visible_to(by).filter(where)
    if request.method != "POST" or ("role" not in request.POST and "name" not in request.POST):
        return _first_step(request, agencies, given)
    form = InviteForm(request.POST, agencies=agencies, by=by, roles=given)
    if form.is_valid():
        asked = form.cleaned_data
        made = _sent(request, form, asked["agency"])
        if made:
            return redirect("network:invitation", made.pk)
    return render(request, "network/invite.html", {"form": form, "email": form["email"].value()})


def _first_step(request: HttpRequest, agencies: Any, given: set[str]) -> HttpResponse:
    form = AddressForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "network/invite_address.html", {"form": form})
    email = form.cleaned_data["email"].strip().lower()
    wanted = [agency for agency in agencies if str(agency.pk) == request.GET.get("agency")]
    found = addresses.suggested(email, agencies)
    chosen = (wanted or found or [None])[0]
    start = {"email": email, "agency": chosen and chosen.pk}
    second = InviteForm(initial=start, agencies=agencies, by=person_of(request), roles=given)
    doubt = addresses.doubt(email, chosen) if chosen else ""
    context = {"form": second, "email": email, "suggested": found[:1], "doubt": doubt}
    return render(request, "network/invite.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def invite_into_network(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a role in a network. The letter leaves once a second person agrees."""
    by, network = person_of(request), get_object_or_404(Network.objects.visible_to(request.user), pk=pk)
    if not appointing.may_appoint(by, "coordinator", network):
        raise PermissionDenied
    form = NetworkInviteForm(request.POST or None, by=by)
    if request.method == "POST" and form.is_valid():
        made = _sent(request, form, network)
        if made:
            return redirect("network:invitation", made.pk)
    return render(request, "network/invite_into_network.html", {"form": form, "place": network})


@require_safe
def invitation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How one invitation fares, and what the reader may do with it."""
    by, found = person_of(request), _seen(request, pk)
    row = invitation_rows(Invitation.objects.visible_to(by).filter(pk=pk))[0]
    open_still = not found.accepted_at and not found.ended_at
    may_send = appointing.may_appoint(by, found.role, found.place)
    may_agree = found.network is not None and found.invited_by_id != by.pk and appointing.may_agree(by, found.place)
    context = {
        **row,
        "may_agree": open_still and found.needs_yes and may_agree and not row["invitation"].is_over,
        "may_send_again": open_still and may_send and not found.needs_yes,
        "may_cancel": open_still and (may_send or may_agree),
    }
    return render(request, "network/invitation.html", context)


@require_POST
def agree(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The second yes."""
    return _deed(request, pk, actions.agree, "You agreed. The letter leaves now.")


@require_POST
def send_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A new letter; the link in the one before is dead."""
    return _deed(request, pk, actions.send_again, "A new letter leaves now. The link in the one before opens nothing.")


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """No longer invited."""
    return _deed(request, pk, actions.cancel_invitation, "The invitation is cancelled.")


def _deed(request: HttpRequest, pk: UUID, deed: Any, words: str) -> HttpResponse:
    pressed(request, words, deed, invitation=_seen(request, pk), by=person_of(request))
    return redirect("network:invitation", pk)


def _seen(request: HttpRequest, pk: UUID) -> Invitation:
    rows = Invitation.objects.visible_to(request.user).select_related("agency", "network", "invited_by")
    found: Invitation = get_object_or_404(rows, pk=pk)
    return found


def _sent(request: HttpRequest, form: Any, place: Agency | Network) -> Invitation | None:
    asked = {name: form.cleaned_data[name] for name in ("email", "name", "role")}
    sent: Invitation | None = tried(form, actions.invite, place=place, by=person_of(request), **asked)
    return sent
