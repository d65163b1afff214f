"""The number to which a person has asked for text messages: their own, and nobody else's."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from delivery import numbers
from delivery.actions.numbers import remove_number, set_number
from delivery.channels import text
from delivery.forms.numbers import NumberForm
from delivery.models import Number


@sensitive_post_parameters("number")
@require_http_methods(["GET", "HEAD", "POST"])
def number(request: HttpRequest) -> HttpResponse:
    """Show the number, masked; add one, or another in its place. Asks for a fresh second factor."""
    person = person_of(request)
    form = NumberForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and tried(form, set_number, number=form.cleaned_data["number"], by=person):
        messages.success(request, "Your number is saved.")
        return redirect("delivery:number")
    own = Number.objects.visible_to(person).filter(person=person).first()
    context = {
        "form": form if text.is_on() else None,
        "ending": numbers.masked(own.number) if own else "",
        "since": own.since if own else None,
        "example": text.EXAMPLE,
    }
    return render(request, "delivery/number.html", context)


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Forget the number. Asks for a fresh second factor."""
    pressed(request, "Your number is removed. You get no text messages any more.", remove_number, by=person_of(request))
    return redirect("delivery:number")
