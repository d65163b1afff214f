"""Reading alerts, acknowledging them, and seeing who has."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.deeds import pressed
from accounts.requests import person_of
from alerts import actions, climbed, desk
from alerts import board as boards
from alerts import release as releases
from alerts.models import Alert
from alerts.views.finding import found
from delivery import audience
from delivery.models import Recipient
from network import roles


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for this person, then the rest of their alerts, the newest of each list."""
    person = person_of(request)
    held = desk.roles_of(person)
    found = [_first_of(section, request) for section in desk.sections(held)]
    lists = [shown for shown in found if shown["alerts"] or shown["section"].name == "waiting"]
    return render(request, "alerts/inbox.html", {"lists": lists, "may_write": bool(held & desk.WRITERS)})


@require_safe
def section(request: HttpRequest, name: str) -> HttpResponse:
    """One list in full, a page at a time."""
    person = person_of(request)
    chosen = desk.section(name, desk.roles_of(person))
    if chosen is None:
        raise Http404
    alerts = Alert.objects.visible_to(person)
    rows = desk.page(chosen, alerts, person, _before(request), desk.PAGE)
    more = len(rows) > desk.PAGE
    context = {"section": chosen, "alerts": rows[: desk.PAGE], "older": _older(chosen, rows) if more else ""}
    return render(request, "alerts/section.html", context)


@require_safe
def detail(request: HttpRequest, reference: str) -> HttpResponse:
    """One alert: how to handle it, what to do, acknowledge, and what is known."""
    alert, person = found(request, reference), person_of(request)
    sheet = None if alert.released_at else releases.sheet(alert)
    context = {
        "alert": alert,
        "shown": alert.shown,
        "mine": Recipient.objects.visible_to(person).filter(mailing=alert.mailing, person=person).first()
        if alert.mailing
        else None,
        "sheet": sheet,
        "rule": audience.describe(alert.audience) if sheet and alert.audience else "",
        "steps": desk.steps(alert, person, sheet),
        "board": boards.of(boards.rows(alert, person)) if alert.mailing else None,
    }
    return render(request, "alerts/detail.html", context)


@require_POST
def acknowledge(request: HttpRequest, reference: str) -> HttpResponse:
    """“I have read this and will act”: one press."""
    alert = found(request, reference)
    done = f"You have acknowledged {alert.reference}."
    pressed(request, done, actions.acknowledge, alert=alert, by=person_of(request))
    return redirect("alerts:detail", alert.reference)


@require_safe
def board(request: HttpRequest, reference: str) -> HttpResponse:
    """Who has acknowledged and who has not, by agency and by person, as far as it is this person's to know."""
    alert = found(request, reference)
    recipients = boards.rows(alert, request.user)
    waiting = "waiting" in request.GET
    page = boards.people(recipients.filter(acknowledged_at=None) if waiting else recipients, _after(request))
    whole = boards.of(recipients)
    context = {
        "alert": alert,
        "board": whole,
        "standings": climbed.standings(alert, whole, request.user),
        "plan": climbed.plan(alert),
        "may_call": roles.may(request.user, "alert.call", alert),
        "people": [(recipient, boards.by_email(recipient)) for recipient in page[: boards.PAGE]],
        "waiting": waiting,
        "after": page[boards.PAGE - 1].pk if len(page) > boards.PAGE else None,
    }
    return render(request, "alerts/board.html", context)


def _first_of(chosen: desk.Section, request: HttpRequest) -> dict[str, Any]:
    rows = desk.page(chosen, Alert.objects.visible_to(request.user), request.user, None, desk.FIRST)
    return {"section": chosen, "alerts": rows[: desk.FIRST], "more": len(rows) > desk.FIRST}


def _older(chosen: desk.Section, rows: list[Alert]) -> str:
    last = rows[desk.PAGE - 1]
    key = last.mailing_id if chosen.order == "mailing_id" else last.pk
    return f"{reverse('alerts:section', args=[chosen.name])}?before={key}"


def _before(request: HttpRequest) -> UUID | None:
    """Where the page starts; an address that makes no sense leads nowhere."""
    given = request.GET.get("before")
    try:
        return UUID(given) if given else None
    except ValueError:
        raise Http404 from None


def _after(request: HttpRequest) -> int:
    given = request.GET.get("after", "0")
    if not (given.isascii() and given.isdigit()):
        raise Http404
    return int(given)
