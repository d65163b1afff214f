"""The number to which a person has asked for text messages: their own, and nobody else's."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from delivery import confirming, numbers
from delivery.actions.numbers import confirm_number, remove_number, send_code, set_number
from delivery.channels import text
from delivery.forms.numbers import WRONG, NumberCodeForm, NumberForm
from delivery.models import Number, NumberCode

ON_ITS_WAY = "A code is on its way to your number. Enter it to confirm that the number is yours."


@sensitive_post_parameters("number")
@require_http_methods(["GET", "HEAD", "POST"])
def number(request: HttpRequest) -> HttpResponse:
    """Show the number, masked; add one, or another in its place. Asks for a fresh second factor."""
    form = NumberForm(request.POST if request.method == "POST" else None)
    told = form.is_valid() and tried(form, set_number, number=form.cleaned_data["number"], by=person_of(request))
    if told:
        messages.success(request, ON_ITS_WAY)
        return redirect("delivery:number")
    return _page(request, form, NumberCodeForm())


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the code that was sent to the number, and take it."""
    person = person_of(request)
    if confirming.waiting(person) is None:
        messages.error(request, "There is no number to confirm.")
        return redirect("delivery:number")
    form = NumberCodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and tried(form, confirm_number, code=form.cleaned_data["code"], by=person):
        messages.success(request, "Your number is confirmed.")
        return redirect("delivery:number")
    if form.is_bound and not form.errors:
        form.add_error("code", WRONG)
    return _page(request, NumberForm(), form)


@require_POST
def another_code(request: HttpRequest) -> HttpResponse:
    """Send another code to the number that waits to be confirmed."""
    pressed(
        request, "Another code is on its way. The one before is of no use any more.", send_code, by=person_of(request)
    )
    return redirect("delivery:number")


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    """Forget the number. Asks for a fresh second factor."""
    pressed(request, "Your number is removed. You get no text messages any more.", remove_number, by=person_of(request))
    return redirect("delivery:number")


def _page(request: HttpRequest, form: NumberForm, code_form: NumberCodeForm) -> HttpResponse:
    person = person_of(request)
    own = Number.objects.visible_to(person).filter(person=person).first()
    waiting = confirming.waiting(person)
    context = {
        "form": form if text.is_on() else None,
        "code_form": code_form,
        "ending": numbers.masked(own.number) if own else "",
        "since": own.since if own else None,
        "unconfirmed": numbers.masked(waiting.number) if waiting else "",
        "what_of_code": _what_of(waiting) if waiting else "",
        "example": text.EXAMPLE,
    }
    return render(request, "delivery/number.html", context)


def _what_of(code: NumberCode) -> str:
    """How it stands, in a sentence or two."""
    if code.wrong >= NumberCode.TRIES:
        return "The code was entered wrongly five times and is not valid any more. Send another code."
    if code.due_at:
        return "A code is on its way to it by text message. That may take a few minutes."
    if not code.digest:
        return "We could not send a code to it. If it is wrong, give the right one below. If it is right, send another."
    return "We sent a code to it by text message. The code is valid for 30 minutes."
