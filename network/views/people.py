"""People: who has access where, their roles, and who stands in."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.deeds import tried
from accounts.models import User
from accounts.requests import person_of
from network import actions, appointing, previewing, rosters, sight, standing
from network.appointing import Place
from network.forms.people import CoverForm, EndForm, FindForm, RoleForm
from network.models import Agency, Appointment, Handover, Invitation, Network
from network.visibility import INSIDERS, RUNNERS, Role

FINDERS = (Role.OPERATOR, Role.NATIONAL)


@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's yes, the places whose people they may look up, and the invitations of late. Operators
    and the nation find a person by exact address: by POST, so that no address stands in an address."""
    reader, here = person_of(request), standing.of(request.user)
    form = FindForm(request.POST or None) if here.holds(*FINDERS) else None
    if request.method == "POST":
        if form is None:
            raise PermissionDenied
        if form.is_valid():
            found = User.objects.visible_to(reader).filter(email=form.cleaned_data["email"].lower()).first()
            if found:
                return redirect("network:person", found.pk)
            form.add_error("email", "Nobody has an account with this address")
    return render(request, "network/people.html", {"find": form, "form": form, **_waiting(reader), **_places(reader)})


@require_safe
def roster(request: HttpRequest, pk: UUID, model: type[Place]) -> HttpResponse:
    """Who has access to this agency or network."""
    reader, place = person_of(request), place_of(request, model, pk)
    people = rosters.of(place, reader)
    context = {
        "place": place,
        "kind": kind_of(place),
        "people": people,
        "concern": rosters.concern(place, people),
        "may_confirm": appointing.may_confirm(reader, place),
        "may_invite": any(appointing.may_appoint(reader, role, place) for role in Role),
        "csv_url": reverse(f"network:{kind_of(place)}_people_csv", args=[place.pk]),
        "handovers": list(_handovers(reader).filter(**appointing.scope(place))),
        "invitations": invitation_rows(_invitations(reader).filter(**appointing.scope(place))),
        "today": timezone.localdate(),
    }
    return render(request, "network/roster.html", context)


@require_safe
def roster_csv(request: HttpRequest, pk: UUID, model: type[Place]) -> HttpResponse:
    """The same list as a sheet."""
    place = place_of(request, model, pk)
    text = rosters.as_csv(rosters.of(place, person_of(request)))
    response = HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    name = f"who-has-access-{timezone.localdate().isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_POST
def confirm(request: HttpRequest, pk: UUID, model: type[Place]) -> HttpResponse:
    """Say that the list is right."""
    place = actions.confirm_people(place=place_of(request, model, pk), by=person_of(request))
    messages.success(request, "You have confirmed who has access.")
    return to_roster(place)


@require_safe
def person(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One person: their roles, as far as the reader may know of them, and what the reader may do about it."""
    reader = person_of(request)
    who = get_object_or_404(User.objects.visible_to(reader), pk=pk)
    held = Appointment.objects.visible_to(reader).filter(appointing.not_over(), person=who)
    rows = list(held.select_related("agency", "network", "covers", "person").order_by("agency__name", "role"))
    if who.pk != reader.pk and not _may_look(reader, rows):
        raise PermissionDenied
    context = {
        "who": who,
        "is_own": who.pk == reader.pk,
        "lines": [rosters.line(row, reader, may_end=appointing.may_end(reader, row)) for row in rows],
        "may_close": _may_close(who, reader),
        "may_ask": sight.leads_or_watches(reader, who),
    }
    return render(request, "network/person.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: HttpRequest, pk: UUID, who: UUID) -> HttpResponse:
    """Another role for a colleague of this agency."""
    reader, agency = person_of(request), cast("Agency", place_of(request, Agency, pk))
    colleague = colleague_of(request, agency, who)
    given = [role for role in Appointment.AGENCY_ROLES if appointing.may_appoint(reader, role, agency)]
    if not given or colleague.pk == reader.pk:
        raise PermissionDenied
    form = RoleForm(request.POST or None, roles=given)
    if form.is_valid() and tried(form, actions.appoint, person=colleague, agency=agency, by=reader, **form.asked()):
        messages.success(request, f"{colleague} has the new role.")
        return to_roster(agency)
    changes = [(role.label, previewing.of_role(colleague, role, agency, by=reader)) for role in given]
    context = {"form": form, "place": agency, "who": colleague, "changes": changes}
    return render(request, "network/appoint.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a role now, or give it a last day."""
    reader = person_of(request)
    rows = Appointment.objects.visible_to(reader).filter(appointing.not_over())
    appointment = get_object_or_404(rows.select_related("person", "agency", "network"), pk=pk)
    appointing.require_end(reader, appointment)
    agency = appointment.agency if appointment.role in Appointment.LEAD_ROLES else None
    may_heirless = agency is not None and appointing.may_end_heirless(reader, agency)
    form = EndForm(request.POST or None, may_heirless=may_heirless)
    if form.is_valid() and tried(form, actions.end_appointment, appointment=appointment, by=reader, **form.asked()):
        messages.success(request, f"The role of {appointment.person} ends as you said.")
        return to_roster(appointment.place) if _sees(reader, appointment.place) else redirect("network:people")
    context = {"form": form, "appointment": appointment, "changes": [("", previewing.of_end(appointment, by=reader))]}
    return render(request, "network/end_appointment.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def cover(request: HttpRequest, pk: UUID, who: UUID) -> HttpResponse:
    """Name who stands in for somebody of this agency while they are away."""
    reader, agency = person_of(request), cast("Agency", place_of(request, Agency, pk))
    away = colleague_of(request, agency, who)
    if away.pk != reader.pk and not appointing.may_appoint(reader, Role.MEMBER, agency):
        raise PermissionDenied
    form = CoverForm(request.POST or None, colleagues=colleagues(reader, agency).exclude(pk__in=[away.pk, reader.pk]))
    if form.is_valid() and tried(form, actions.cover, person=away, agency=agency, by=reader, **form.asked()):
        messages.success(request, "It is written down who stands in.")
        return to_roster(agency)
    return render(request, "network/cover.html", {"form": form, "place": agency, "who": away})


def place_of(request: HttpRequest, model: type[Place], pk: UUID) -> Place:
    """The agency or network, for who may read the list of its people. 404 for one that is not seen, else 403."""
    rows: QuerySet[Any] = model.objects.visible_to(request.user)
    place: Place = get_object_or_404(rows, pk=pk)
    if not appointing.may_read(person_of(request), place):
        raise PermissionDenied
    return place


def colleague_of(request: HttpRequest, place: Place, pk: UUID) -> User:
    """Somebody who has a role in this very place; 404 for anybody else."""
    who: User = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    if not appointing.current(who, place).exists():
        raise Http404
    return who


def colleagues(reader: User, place: Place) -> QuerySet[User]:
    """The people with a role there now that the reader may see, by name."""
    rows = Appointment.objects.visible_to(reader).live().filter(covers=None, **appointing.scope(place))
    found: QuerySet[User] = User.objects.visible_to(reader).filter(pk__in=rows.values("person"))
    return found.order_by("name", "pk")


def kind_of(place: Place) -> str:
    """How the place stands in the names of addresses."""
    return "agency" if isinstance(place, Agency) else "network"


def to_roster(place: Any) -> HttpResponse:
    """Back to the list of its people."""
    return redirect(f"network:{kind_of(place)}_people", place.pk)


def invitation_rows(rows: Any) -> list[dict[str, Any]]:
    """Invitations with their status in words."""
    found = rows.with_letter().select_related("agency", "network", "invited_by")
    keys = ("status", "colour", "note")
    return [{"invitation": row, **dict(zip(keys, rosters.status_of(row), strict=True))} for row in found[:50]]


def _waiting(reader: User) -> dict[str, Any]:
    asked = list(
        Invitation.objects.visible_to(reader).awaiting_yes().exclude(invited_by=reader).select_related("network")
    )
    return {
        "to_agree": [row for row in asked if appointing.may_agree(reader, row.place)],
        "to_accept": list(_handovers(reader).filter(successor=reader)),
        "waiting": list(_handovers(reader).exclude(successor=reader)),
        "invitations": invitation_rows(_invitations(reader)),
    }


def _places(reader: User) -> dict[str, Any]:
    """The places whose people the reader may look up."""
    here = standing.of(reader)
    networks = Network.objects.visible_to(here)
    agencies = Agency.objects.visible_to(here)
    if not here.holds(*RUNNERS, Role.AUDITOR, Role.NATIONAL):
        agencies = agencies.filter(pk__in=here.agencies(*INSIDERS))
    if not here.holds(Role.NATIONAL, Role.OPERATOR):
        networks = networks.filter(pk__in=here.networks(*RUNNERS, Role.AUDITOR))
    return {
        "agencies": list(agencies),
        "networks": list(networks),
        "may_invite": bool(appointing.staffed_by(reader)[1]),
    }


def _invitations(reader: User) -> Any:
    return Invitation.objects.visible_to(reader).filter(accepted_at=None, ended_at=None)


def _handovers(reader: User) -> Any:
    rows = Handover.objects.visible_to(reader).open()
    return rows.select_related("leaver", "successor", "agency", "network", "asked_by")


def _may_look(reader: User, rows: list[Appointment]) -> bool:
    if standing.of(reader).holds(*FINDERS):
        return True
    return any(row.place is not None and appointing.may_read(reader, row.place) for row in rows)


def _may_close(who: User, reader: User) -> bool:
    try:
        appointing.may_close(who, reader)
    except PermissionDenied:
        return False
    return who.is_active


def _sees(reader: User, place: Place | None) -> bool:
    return place is not None and type(place).objects.visible_to(reader).filter(pk=place.pk).exists()
