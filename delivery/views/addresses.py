"""People whom messages do not reach: for themselves, and for those who lead their agency."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.deeds import pressed
from accounts.requests import person_of
from delivery import numbers
from delivery.actions.addresses import try_again
from delivery.addresses import amiss
from delivery.models import Delivery, SetAside
from delivery.reasons import UNKNOWN, reason
from network import standing


@require_safe
def addresses(request: HttpRequest) -> HttpResponse:
    """Which addresses do not work, why, and what to do. Nobody reads a colleague's number here."""
    person = person_of(request)
    rows = [{"row": row, **_of(row, is_own=row.person_id == person.pk)} for row in amiss(standing.of(person))]
    own, colleagues = (any(row["is_own"] is is_own for row in rows) for is_own in (True, False))
    return render(request, "delivery/addresses.html", {"rows": rows, "own": own, "colleagues": colleagues})


@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Try this address again from now on."""
    row = get_object_or_404(SetAside.objects.visible_to(request.user), pk=pk)
    what = "address" if row.channel == Delivery.Channel.EMAIL else "number"
    done = f"The {what} is off the list." if row.flagged_only else f"The next message goes to this {what} again."
    pressed(request, done, try_again, set_aside=row, by=person_of(request))
    return redirect("delivery:addresses")


def _of(row: SetAside, *, is_own: bool) -> dict[str, Any]:
    said = reason(row.detail).removeprefix(UNKNOWN)
    if row.channel == Delivery.Channel.EMAIL:
        return {"is_own": is_own, "said": said, "address": row.address}
    its = f"Number that {numbers.masked(row.address)}" if is_own else "Number for text messages"
    return {"is_own": is_own, "said": said, "address": its}
