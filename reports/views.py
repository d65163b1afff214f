"""The first page, the figures, and what the law asks a site to say about itself."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import person_of
from network import sight, standing
from network.forms.sight import MomentForm
from network.models import Network
from reports import chrome
from reports import figures as numbers
from reports import home as first_page
from reports import sight as their_sight
from reports.forms import FiguresForm
from reports.periods import Quarter

HEAD = [{"text": "Figure"}, {"text": "Value"}, {"text": "What it counts"}]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What needs the person who is looking, then the ways on."""
    person = person_of(request)
    roles = standing.of(person).roles
    context = {
        "groups": first_page.what_needs(person, roles),
        "ways": first_page.ways_on(roles),
        "nowhere": not roles,
        "search_url": reverse("directory:search"),
    }
    return render(request, "home/home.html", context)


@require_safe
def manage(request: HttpRequest) -> HttpResponse:
    """The ways to what is opened now and then. 403 for those who have none."""
    ways = chrome.to_manage(request)
    if not ways:
        raise PermissionDenied("There is nothing for you to manage.")
    return render(request, "home/manage.html", {"ways": ways})


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """A network's figures for a quarter, with what each one counts."""
    form, network, quarter = _asked(request)
    found = numbers.of(network, quarter, person_of(request))
    context = {"form": form, "network": network, "quarter": quarter, "groups": _grouped(found), "head": HEAD}
    return render(request, "reports/figures.html", context)


@require_safe
def figures_csv(request: HttpRequest) -> HttpResponse:
    """The same figures, to open in a spreadsheet."""
    _form, network, quarter = _asked(request)
    text = numbers.as_csv(network, quarter, numbers.of(network, quarter, person_of(request)))
    name = f"figures-{network.prefix}-{quarter.code}.csv"
    return HttpResponse(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_safe
def sees(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What somebody can see, and by which roles, now or on a past date. 403 for those who neither lead them nor watch
    over their network."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    if not sight.leads_or_watches(request.user, person):
        raise PermissionDenied("Your role does not let you ask what they can see.")
    form = MomentForm(request.GET)
    context = {"who": person, "form": form, "is_own": person.pk == request.user.pk}
    context |= their_sight.of_person(person, by=person_of(request), at=form.moment)
    return render(request, "reports/sees.html", context)


@login_not_required
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement that the 2018 regulations ask for."""
    return render(request, "pages/accessibility.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about the people who use the platform."""
    return render(request, "pages/privacy.html")


@login_not_required
@require_safe
def cookies(request: HttpRequest) -> HttpResponse:
    """The cookies that are set, all of them necessary."""
    return render(request, "pages/cookies.html")


def _asked(request: HttpRequest) -> tuple[FiguresForm, Network, Quarter]:
    """Raises PermissionDenied for who reads no figures, Http404 for a network that is not theirs or another period."""
    form = FiguresForm(request.GET, networks=numbers.networks(person_of(request)))
    if not form.networks:
        raise PermissionDenied
    chosen = form.chosen()
    if chosen is None:
        raise Http404
    return form, *chosen


def _grouped(found: list[numbers.Figure]) -> list[dict[str, Any]]:
    """One table a group, in the order of the figures."""
    return [
        {"title": title, "rows": [[{"text": f.name}, {"text": f.text}, {"text": f.definition}] for f in figures]}
        for title, figures in itertools.groupby(found, key=lambda figure: figure.group)
    ]
