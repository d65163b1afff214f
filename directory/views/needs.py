"""Who needs to know a concealed listing or a safe place, for how long and why."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from directory import need_to_know
from directory.asking import GrantForm
from directory.views.answers import done, listing_of, require_get_or_post
from network import grants as need
from network import roles


@require_get_or_post
def grants(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who was given a listing or its safe place, and giving it. 403 for those who see the listing and do not lead."""
    listing = listing_of(request, pk)
    roles.require(request.user, "grant.give", listing)
    page = need_to_know.page(request.user, listing)
    form = None
    if listing.is_concealed or page["has_place"]:
        form = GrantForm(request.POST or None, listing=listing, people=page["people"], has_place=page["has_place"])
    if (
        form
        and form.is_valid()
        and tried(form, need_to_know.give, listing=listing, by=person_of(request), **form.asked())
    ):
        return done(request, "Given. They find it on their page “Sharing”.", "directory:grants", pk)
    return render(request, "directory/grants.html", {**page, "listing": listing, "form": form})


@require_get_or_post
def end_grant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask once more, then end what one person was given. Coordinators may, and see no more than whose it is."""
    grant = need_to_know.one(request.user, pk)
    may_see = roles.may(request.user, "grant.give", grant.content_object)
    roles.require(request.user, "grant.end", grant.content_object)
    if request.method != "POST":
        return render(request, "directory/end_grant.html", {"grant": grant, "may_see": may_see})
    pressed(
        request,
        "Ended. They see it no more.",
        need.end,
        row=grant.content_object,
        person=grant.user,
        by=person_of(request),
    )
    return redirect("directory:grants", need_to_know.listing_of(grant)) if may_see else redirect("directory:covers")
