"""Letting more people see a listing or a contact, which takes two."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.deeds import pressed, tried
from accounts.models import User
from accounts.requests import person_of
from directory import actions, keeping
from directory.access import Access
from directory.asking import LoosenForm
from directory.changes import Change, preview, preview_contact, preview_each
from directory.models import Loosening
from directory.rows import fingerprint
from directory.views.answers import done, listing_of, require_get_or_post
from network import roles


@require_get_or_post
def loosen(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask that more people may see a listing or one of its contacts. 403 for those who see it and do not lead."""
    listing = listing_of(request, pk)
    roles.require(request.user, "listing.loosen", listing)
    page = keeping.loosen_page(request.user, listing)
    form = LoosenForm(request.POST or None, listing=listing, contacts=page["contacts"])
    if form.is_valid() and tried(form, actions.ask_to_loosen, listing=listing, by=person_of(request), **form.asked()):
        return done(request, "Asked. Nothing changes until a second person says yes.", "directory:loosen", pk)
    page["changes"] = preview_each(listing, Access(listing.access).looser, by=request.user)
    return render(request, "directory/loosen.html", {**page, "form": form})


@require_get_or_post
def loosening(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What somebody asked for: the second person says yes or no, and who asked may take it back."""
    found = Loosening.objects.visible_to(request.user).select_related("listing__agency", "contact", "asked_by")
    asked = get_object_or_404(found, pk=pk)
    person = person_of(request)
    if request.method == "POST":
        if request.POST.get("answer") == "yes":
            pressed(request, "Done. More people can see it now.", actions.loosen, loosening=asked, by=person)
        else:
            pressed(request, "Ended. Nothing has changed.", actions.end_loosening, loosening=asked, by=person)
        return redirect("directory:listing", asked.listing_id)
    waits = Loosening.objects.visible_to(request.user).waiting().filter(pk=pk).exists()
    page = {
        "loosening": asked,
        "waits": waits,
        "changed": asked.state != fingerprint(asked.listing),
        "is_mine": asked.asked_by_id == person.pk,
        "change": _change(asked, person) if waits else None,
    }
    return render(request, "directory/loosening.html", page)


def _change(asked: Loosening, person: User) -> Change:
    if asked.contact:
        return preview_contact(asked.contact, asked.after, by=person)
    return preview(asked.listing, access=asked.after, by=person)
