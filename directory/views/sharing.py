"""Sharing a listing, and what others share."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from directory import actions, keeping
from directory.asking import ShareForm
from directory.changes import preview
from directory.models import Share
from directory.rows import answering
from directory.views.answers import done, listing_of, require_get_or_post
from network import roles, standing
from network.models import Appointment

NEVER_GIVEN = {Appointment.Role.REPORTS, Appointment.Role.OPERATOR}


@require_safe
def sharing(request: HttpRequest) -> HttpResponse:
    """What was offered to me and shared with us, what I was given, and what waits for my yes."""
    here = standing.of(request.user)
    if not here.roles - NEVER_GIVEN:
        raise PermissionDenied
    return render(request, "directory/sharing.html", keeping.sharing_page(here))


@require_get_or_post
def shares(request: HttpRequest, pk: UUID) -> HttpResponse:
    """With whom a listing is shared, and offering it to one more. 403 for those who may see it and do not keep it."""
    listing = listing_of(request, pk)
    page = keeping.shares_page(request.user, listing)
    if not (page["may_offer"] or roles.may(request.user, "listing.edit", listing)):
        raise PermissionDenied
    if request.method == "POST" and not page["may_offer"]:
        raise PermissionDenied
    form = None
    if page["may_offer"]:
        form = ShareForm(request.POST or None, **keeping.places_to_share_with(request.user, listing))
    if form and form.is_valid():
        asked = form.asked()
        if "look" in request.POST:
            page["change"] = preview(listing, share_with=asked["to"], by=request.user)
        elif tried(form, actions.offer_share, listing=listing, by=person_of(request), **asked):
            return done(request, f"Offered to {asked['to']}. They see it once they accept.", "directory:shares", pk)
    return render(request, "directory/shares.html", {**page, "form": form})


@require_POST
def accept_share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Accept what was offered to one's agency or network."""
    share = _share(request, pk)
    pressed(request, "Accepted. Your people can see it now.", actions.accept_share, share=share, by=person_of(request))
    return redirect("directory:sharing")


@require_get_or_post
def end_share(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask once more, then end a share, take an offer back, or decline it."""
    share = _share(request, pk)
    ours = roles.may(request.user, "share.offer", share.listing)
    if not (ours or roles.may(request.user, *answering(share))):
        raise PermissionDenied
    if request.method != "POST":
        change = preview(share.listing, end_share=share, by=request.user) if share.accepted_at else None
        return render(request, "directory/end_share.html", {"share": share, "ours": ours, "change": change})
    pressed(request, "Ended.", actions.end_share, share=share, by=person_of(request))
    return redirect("directory:shares", share.listing_id) if ours else redirect("directory:sharing")


def _share(request: HttpRequest, pk: UUID) -> Share:
    found = Share.objects.visible_to(request.user).select_related("listing__agency", "agency", "network", "given_by")
    return get_object_or_404(found, pk=pk)
