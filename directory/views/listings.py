"""Finding and keeping listings and agencies."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from accounts.deeds import tried
from accounts.requests import person_of
from directory import actions, keeping, pages
from directory.access import Access
from directory.changes import preview_each
from directory.forms import AgencyForm, TightenForm
from directory.views.answers import done, listing_of, require_get_or_post
from network import roles, standing
from network.models import Agency


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Find who can help."""
    return render(request, "directory/search.html", pages.search_page(standing.of(request.user), request.GET))


@require_GET
def listing(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One service."""
    found, here = listing_of(request, pk), standing.of(request.user)
    return render(request, "directory/listing.html", {**pages.listing_page(here, found), **keeping.panel(here, found)})


@require_GET
def agency(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One agency; of one that has ended, for who may see who took over, that they did."""
    found = Agency.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        return _followed(request, pk)
    return render(request, "directory/agency.html", pages.agency_page(request.user, found, request.GET))


@require_get_or_post
@sensitive_post_parameters()
def add_listing(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a service to an agency. 403 for those who may see the agency and not write for it."""
    found = _agency(request, pk)
    roles.require(request.user, "listing.add", found)
    form = pages.listing_form(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        asked = {"agency": found, "access": form.cleaned_data["access"], "changes": form.changes}
        if made := tried(form, actions.add, by=person_of(request), **asked):
            return done(request, "Listing added.", "directory:listing", made.pk)
    return render(request, "directory/add_listing.html", {"form": form, "agency": found})


@require_get_or_post
@sensitive_post_parameters()
def edit_listing(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what a listing says. 403 for those who may see it and not write it."""
    found = listing_of(request, pk)
    roles.require(request.user, "listing.edit", found)
    form = pages.listing_form(request.user, request.POST if request.method == "POST" else None, found)
    if form.is_valid() and tried(form, actions.edit, listing=found, changes=form.changes, by=person_of(request)):
        return done(request, "Listing saved and confirmed right today.", "directory:listing", pk)
    return render(request, "directory/edit_listing.html", {"form": form, "listing": found})


@require_POST
def confirm(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say that a listing is still right."""
    actions.confirm(listing=listing_of(request, pk), by=person_of(request))
    return done(request, "Confirmed right today.", "directory:listing", pk)


@require_get_or_post
def tighten(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let fewer people see a listing. 403 for those who may see it and not decide that."""
    found = listing_of(request, pk)
    roles.require(request.user, "listing.tighten", found)
    form = TightenForm(request.POST if request.method == "POST" else None, listing=found)
    if form.is_valid() and tried(
        form, actions.tighten, listing=found, access=form.cleaned_data["access"], by=person_of(request)
    ):
        return done(request, "Fewer people can see the listing now.", "directory:agency", found.agency_id)
    changes = preview_each(found, Access(found.access).as_strict[1:], by=request.user)
    return render(request, "directory/tighten.html", {"form": form, "listing": found, "changes": changes})


@require_get_or_post
def edit_agency(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change an agency's own details. 403 for those who may see it and not write it."""
    found = _agency(request, pk)
    roles.require(request.user, "agency.edit", found)
    form = AgencyForm(request.POST if request.method == "POST" else None, agency=found)
    if form.is_valid() and tried(
        form, actions.edit_agency, agency=found, changes=form.cleaned_data, by=person_of(request)
    ):
        return done(request, "Details saved.", "directory:agency", pk)
    return render(request, "directory/edit_agency.html", {"form": form, "agency": found})


def _followed(request: HttpRequest, pk: UUID) -> HttpResponse:
    heirs = pages.heirs_of(request.user, pk)
    if not heirs:
        raise Http404
    former = heirs[0].predecessors.get(pk=pk)
    return render(request, "directory/agency_ended.html", {"name": former.name, "heirs": heirs})


def _agency(request: HttpRequest, pk: UUID) -> Agency:
    return get_object_or_404(Agency.objects.visible_to(request.user), pk=pk)
