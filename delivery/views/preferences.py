"""How you are reached: what you are sent, by which way, and when."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.deeds import tried
from accounts.requests import person_of
from delivery import confirming, numbers
from delivery.actions.preferences import choose
from delivery.addresses import amiss
from delivery.channels import text
from delivery.forms.preferences import PreferencesForm
from delivery.models import Delivery, Number, Preference, Quiet, SetAside
from network import standing
from network.visibility import INSIDERS


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """One's own choices, and the addresses of one's own that are set aside."""
    person = person_of(request)
    number = Number.objects.visible_to(person).first()
    form = PreferencesForm(
        request.POST if request.method == "POST" else None,
        chosen=Preference.objects.visible_to(person),
        quiet=Quiet.objects.visible_to(person).first(),
        texts=text.is_on(),
        number=number is not None,
    )
    told = {"choices": form.choices, "quiet": form.quiet} if form.is_valid() else None
    if told and tried(form, choose, person=person, by=person, **told):
        messages.success(request, "Your choices are saved.")
        return redirect("delivery:preferences")
    here = standing.of(person)
    set_aside = amiss(here).filter(person=person, flagged_only=False)
    page = {
        "form": form,
        "email": person.email,
        "number": number,
        "unconfirmed": confirming.waiting(person) is not None,
        "has_colleagues": here.holds(*INSIDERS),
        "set_aside": [_shown(row) for row in set_aside.order_by("channel")],
    }
    return render(request, "delivery/preferences.html", page)


def _shown(row: SetAside) -> dict[str, Any]:
    by_email = row.channel == Delivery.Channel.EMAIL
    return {
        "address": row.address if by_email else f"the number that {numbers.masked(row.address)}",
        "since": row.since,
    }
