"""Safe places, mobile numbers and cover names: what is shown one at a time, or hardly at all."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from directory import actions, keeping
from directory import covers as known_covers
from directory import viewings as showings
from directory.asking import CoverForm, ReasonForm, SafePlaceForm, ViewingsForm
from directory.models import Mobile, SafePlace, SafePlaceChange
from directory.views.answers import done, listing_of, require_get_or_post
from network import roles, standing
from network.visibility import Role


@require_get_or_post
@never_cache
@sensitive_variables()
def safe_place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for a reason; then show where a safe place is, in this one answer to a POST and nowhere else."""
    listing = listing_of(request, pk)
    get_object_or_404(SafePlace.objects.visible_to(request.user), listing=listing)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        person, reason = person_of(request), form.cleaned_data["reason"]
        facts = actions.reveal_safe_place(listing=listing, reason=reason, by=person)
        return render(request, "directory/safe_place_shown.html", {"listing": listing, "facts": facts})
    return render(request, "directory/safe_place.html", {"listing": listing, "form": form})


@require_get_or_post
@never_cache
@sensitive_post_parameters()
@sensitive_variables()
def change_safe_place(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask that a safe place be kept, changed or removed. 403 for those who see the listing and do not lead."""
    listing = listing_of(request, pk)
    roles.require(request.user, "safe_place.edit", listing)
    removing = request.POST.get("remove") == "yes"
    form = SafePlaceForm(request.POST if request.method == "POST" and not removing else None)
    facts = form.cleaned_data if form.is_valid() else None
    if removing or facts:
        person, said = person_of(request), "Asked. Nothing changes until another lead says yes."
        if not removing and tried(form, actions.ask_safe_place, listing=listing, facts=facts, by=person):
            return done(request, said, "directory:listing", pk)
        if removing and pressed(request, said, actions.ask_safe_place, listing=listing, facts=None, by=person):
            return redirect("directory:listing", pk)
    return render(
        request, "directory/change_safe_place.html", {"form": form, **keeping.place_page(request.user, listing)}
    )


@require_get_or_post
@never_cache
@sensitive_variables()
def safe_place_change(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What another lead asked for: look at it, then say yes or no."""
    found = SafePlaceChange.objects.visible_to(request.user).select_related("listing__agency", "asked_by")
    change, person = get_object_or_404(found, pk=pk), person_of(request)
    answer = request.POST.get("answer") if request.method == "POST" else ""
    if answer in {"yes", "no"}:
        if answer == "yes":
            pressed(request, "Done.", actions.confirm_safe_place, change=change, by=person)
        else:
            pressed(request, "Ended. Nothing has changed.", actions.end_safe_place_change, change=change, by=person)
        return redirect("directory:listing", change.listing_id)
    facts = None
    if answer == "look":
        try:
            facts = actions.review_safe_place(change=change, by=person)
        except ValidationError as problem:
            raise Http404 from problem
    waits = SafePlaceChange.objects.visible_to(request.user).waiting().filter(pk=pk).exists()
    page = {"change": change, "facts": facts, "waits": waits, "is_mine": change.asked_by_id == person.pk}
    return render(request, "directory/safe_place_change.html", page)


@require_POST
@never_cache
@sensitive_variables()
def reveal_mobile(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one mobile number, in this one answer."""
    found = Mobile.objects.visible_to(request.user).select_related("contact__listing__agency")
    mobile = get_object_or_404(found, pk=pk)
    try:
        number = actions.reveal_mobile(mobile=mobile, by=person_of(request))
    except ValidationError as problem:
        page = {"mobile": mobile, "refusal": problem.messages[0]}
        return render(request, "directory/reveal_mobile.html", page, status=429)
    return render(request, "directory/reveal_mobile.html", {"mobile": mobile, "number": number})


@require_get_or_post
def cover(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say what coordinators call a concealed listing. 403 for those who see the listing and do not lead."""
    listing = listing_of(request, pk)
    roles.require(request.user, "cover.name", listing)
    if not listing.is_concealed:
        raise Http404
    name = known_covers.name_of(listing)
    form = CoverForm(request.POST or None, initial={"name": name})
    if form.is_valid() and tried(form, actions.name_cover, listing=listing, by=person_of(request), **form.cleaned_data):
        return done(request, "Cover name saved.", "directory:listing", pk)
    return render(request, "directory/cover.html", {"listing": listing, "form": form})


@require_safe
def covers(request: HttpRequest) -> HttpResponse:
    """The concealed listings of one's networks, by cover name or reference and nothing else. 404 for anybody else."""
    here = standing.of(request.user)
    if not here.holds(Role.COORDINATOR, Role.AUDITOR):
        raise Http404
    return render(request, "directory/covers.html", keeping.covers_page(here))


@require_safe
def viewings(request: HttpRequest) -> HttpResponse:
    """Who was shown protected rows, as far as one may know. 404 for roles that may not."""
    form, found = _viewings(request)
    rows = list(found[: showings.MOST + 1])
    context = {
        "form": form,
        "viewings": showings.told(request.user, rows[: showings.MOST]),
        "more": len(rows) > showings.MOST,
        "query": request.GET.urlencode(),
    }
    return render(request, "directory/viewings.html", context)


@require_safe
def viewings_csv(request: HttpRequest) -> HttpResponse:
    """The same, to open in a spreadsheet."""
    _form, found = _viewings(request)
    return HttpResponse(
        showings.as_csv(showings.told(request.user, found[: showings.MOST_IN_A_SHEET])),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="shown.csv"'},
    )


def _viewings(request: HttpRequest) -> tuple[ViewingsForm, showings.Found]:
    here = standing.of(request.user)
    if not here.holds(*showings.READERS):
        raise Http404
    found = showings.entries(here)
    form = ViewingsForm(request.GET, people=showings.people(found))
    return form, found.filter(**form.narrowed()) if form.is_valid() else found.none()
