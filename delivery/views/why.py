"""“Why did I not get this?”, of a message to oneself."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.requests import person_of
from delivery import why as answers
from delivery.entitlement import entitled
from delivery.models import Recipient


@require_safe
def why(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What happened to this message on its ways to oneself. 404 for one that was not for this person, or that they may
    no longer read about, as for one that there never was."""
    person = person_of(request)
    rows = entitled(Recipient.objects.visible_to(person).filter(person=person, mailing=pk))
    mine = get_object_or_404(rows.select_related("mailing").prefetch_related("deliveries"))
    return render(request, "delivery/why.html", {"mine": mine, "mailing": mine.mailing, "ways": answers.ways(mine)})
