"""Information-sharing agreements: published by coordinators, read and signed by leads, kept for ever."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from accounts.templatetags.lantern import day
from audit.exports import safe_cell
from network import agreements as terms
from network import roles, standing
from network.actions import agreements as actions
from network.dates import in_force, joining, member
from network.forms.agreements import PublishForm, SignForm
from network.models import Agency, Agreement, Membership, Network, Signature
from network.views.pressing import network_of, place_of
from network.visibility import INSIDERS, LEADS, RUNNERS, Role

either = require_http_methods(["GET", "HEAD", "POST"])
COLUMNS = ("Agency", "Place", "Signed", "Signed by", "Position", "Signed on")


@require_safe
def agreements(request: HttpRequest) -> HttpResponse:
    """The versions one may read, newest first, and where one's own agencies stand."""
    here = standing.of(request.user)
    if not here.holds(*INSIDERS, *RUNNERS, Role.AUDITOR, Role.NATIONAL):
        raise PermissionDenied
    versions = Agreement.objects.visible_to(here).select_related("network").order_by("network__name", "-version")
    coordinated = Network.objects.visible_to(here).filter(pk__in=here.networks(Role.COORDINATOR))
    page = {
        "versions": [_version(agreement) for agreement in versions],
        "own": _own_terms(here),
        "coordinated": list(coordinated.order_by("name")),
    }
    return render(request, "network/agreements.html", page)


@require_safe
def agreement(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One version: its text, to read and to print; who signed it for one's agencies; the way to sign."""
    found = _agreement(request, pk)
    here = standing.of(request.user)
    mine = Signature.objects.visible_to(here).filter(agreement=found, agency__in=here.agencies(*INSIDERS))
    page = {
        **_version(found),
        "paragraphs": _paragraphs(found),
        "fingerprint": _grouped(terms.fingerprint(found)),
        "signatures": list(mine.select_related("agency", "signed_by").order_by("agency__name")),
        "may_sign": _yet_to_sign(request, found).exists(),
        "may_list": roles.may(here, "agreement.signatures", found),
    }
    return render(request, "network/agreement.html", page)


@either
def sign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The text once more, and below it what a lead fills in to sign it."""
    found = _agreement(request, pk)
    agencies = _yet_to_sign(request, found)
    if not agencies.exists():
        raise PermissionDenied("Your agency has signed this version, or you do not lead it.")
    digest, person = terms.fingerprint(found), person_of(request)
    form = SignForm(request.POST or None, agencies=agencies, initial={"digest": digest, "signed_as": person.name})
    if request.method == "POST" and form.is_valid():
        signed = tried(form, actions.sign, agreement=found, by=person, **form.asked())
        if signed:
            messages.success(request, f"You signed {found} for {signed.agency}.")
            return redirect("network:agreement", pk)
    page = {**_version(found), "form": form, "paragraphs": _paragraphs(found)}
    return render(request, "network/agreement_sign.html", page)


@either
def publish(request: HttpRequest, prefix: str) -> HttpResponse:
    """Asks for the text and the days, shows what follows from it, then publishes it."""
    network = network_of(request, prefix)
    roles.require(request.user, "agreement.publish", network)
    former = Agreement.objects.visible_to(request.user).filter(network=network).order_by("-version").first()
    form = PublishForm(request.POST or None, follows=former is not None, initial=_from(former))
    page: dict[str, Any] = {"network": network, "form": form, "former": former}
    if request.method == "POST" and form.is_valid():
        if "sure" not in request.POST:
            return render(request, "network/agreement_check.html", {**page, **_consequences(request, network, form)})
        made = tried(form, actions.publish, network=network, by=person_of(request), **form.asked())
        if made:
            messages.success(request, f"{made} is published.")
            return redirect("network:signatures", made.pk)
    return render(request, "network/agreement_publish.html", page)


@require_safe
def signatures(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Which agencies have signed a version, and which have not; who coordinates the network can remind these."""
    found = _listed(request, pk)
    rows = _signed_rows(request, found)
    may_remind = roles.may(request.user, "agreement.remind", found) and not terms.is_over(found)
    reminders = _reminders(request, found) if may_remind else {}
    page = {
        **_version(found),
        "head": [{"text": text} for text in COLUMNS],
        "rows": [([_cell(text) for text in row], reminders.get(pk)) for pk, row in rows.items()],
        "number": sum(row[2] == "Yes" for row in rows.values()),
        "of": len(rows),
        "may_remind": may_remind,
    }
    return render(request, "network/agreement_signatures.html", page)


@require_POST
def remind(request: HttpRequest, pk: UUID, agency: UUID) -> HttpResponse:
    """A notice to who leads an agency that has yet to sign."""
    found = _listed(request, pk)
    place = place_of(request, found.network.prefix, agency)
    done = f"Who leads {place.agency} is reminded."
    pressed(request, done, actions.remind, agreement=found, place=place, by=person_of(request))
    return redirect("network:signatures", pk)


@require_safe
def signatures_csv(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same list, to open in a spreadsheet."""
    found = _listed(request, pk)
    sheet = io.StringIO()
    rows = [COLUMNS, *_signed_rows(request, found).values()]
    csv.writer(sheet).writerows([[safe_cell(text) for text in row] for row in rows])
    name = f"agreement-{found.network.prefix}-{found.version}.csv"
    return HttpResponse(
        "\ufeff" + sheet.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _agreement(request: HttpRequest, pk: UUID) -> Agreement:
    return get_object_or_404(Agreement.objects.visible_to(request.user).select_related("network"), pk=pk)


def _listed(request: HttpRequest, pk: UUID) -> Agreement:
    found = _agreement(request, pk)
    roles.require(request.user, "agreement.signatures", found)
    return found


def _version(agreement: Agreement) -> dict[str, Any]:
    """The version, and in what state it is by the calendar."""
    return {"agreement": agreement, "state": terms.in_words(agreement)}


def _paragraphs(agreement: Agreement) -> list[str]:
    return [part.strip() for part in agreement.text.replace("\r\n", "\n").split("\n\n") if part.strip()]


def _grouped(digest: str) -> str:
    return " ".join(digest[at : at + 4] for at in range(0, len(digest), 4))


def _yet_to_sign(request: HttpRequest, agreement: Agreement) -> QuerySet[Agency]:
    """The agencies that this person leads, that belong there or are joining, and have not signed this version."""
    here = standing.of(request.user)
    places = Membership.objects.visible_to(here).filter(joining() | member(), network=agreement.network_id)
    signed = Signature.objects.visible_to(here).filter(agreement=agreement)
    led = Agency.objects.visible_to(here).filter(pk__in=here.agencies(*LEADS) if not terms.is_over(agreement) else ())
    return led.filter(pk__in=places.values("agency")).exclude(pk__in=signed.values("agency")).order_by("name")


def _own_terms(here: standing.Standing) -> list[dict[str, Any]]:
    places = Membership.objects.visible_to(here).filter(joining() | member(), agency__in=here.agencies(*INSIDERS))
    rows = list(places.select_related("agency", "network").order_by("agency__name", "network__name"))
    found = terms.terms((row.network_id, row.agency_id) for row in rows)
    led = here.agencies(*LEADS)
    return [
        {"place": row, "terms": found[row.network_id, row.agency_id], "leads": row.agency_id in led} for row in rows
    ]


def _consequences(request: HttpRequest, network: Network, form: PublishForm) -> dict[str, Any]:
    """How many agencies have to sign, and what was typed, to be sent again with the last press."""
    places = Membership.objects.visible_to(request.user).filter(joining() | member(), network=network)
    kept = [(name, text) for name, text in request.POST.items() if name not in {"csrfmiddlewaretoken", "sure"}]
    return {"number": places.values("agency").distinct().count(), "kept": kept, "asked": form.asked()}


def _from(former: Agreement | None) -> dict[str, str]:
    return {"title": former.title, "text": former.text} if former else {}


def _signed_rows(request: HttpRequest, agreement: Agreement) -> dict[UUID, tuple[str, ...]]:
    """Each agency that has to sign, and each that did and has left since, by name."""
    held = Signature.objects.visible_to(request.user).filter(agreement=agreement).select_related("agency", "signed_by")
    by_agency = {signature.agency_id: signature for signature in held}
    places = Membership.objects.visible_to(request.user).filter(joining() | in_force(), network=agreement.network_id)
    rows = {row.agency_id: (row.agency.name, _place(row)) for row in places.select_related("agency")}
    rows |= {pk: (made.agency.name, "Left") for pk, made in by_agency.items() if pk not in rows}
    ordered = sorted(rows, key=lambda pk: rows[pk][0].casefold())
    return {pk: (*rows[pk], *_signature(by_agency.get(pk))) for pk in ordered}


def _reminders(request: HttpRequest, agreement: Agreement) -> dict[UUID, Membership]:
    """The members that have yet to sign, by their agency."""
    signed = Signature.objects.visible_to(request.user).filter(agreement=agreement)
    places = Membership.objects.visible_to(request.user).filter(member(), network=agreement.network_id)
    unsigned = places.exclude(agency__in=signed.values("agency")).annotate(may_remind=terms.may_be_reminded())
    return {place.agency_id: place for place in unsigned}


def _place(row: Membership) -> str:
    if row.from_at is None:
        return "Joining"
    return "Suspended" if row.suspended_at else "Member"


def _signature(made: Signature | None) -> tuple[str, ...]:
    if made is None:
        return ("No", "", "", "")
    return ("Yes", made.signed_as or made.signed_by.name, made.position, day(made.signed_at))


def _cell(text: str) -> dict[str, str]:
    tags = {"Yes": "green", "No": "red"}
    return {"text": text, "tag": tags[text]} if text in tags else {"text": text}
