"""“Confirm that it is you”: the answer to the page that asks for a second factor."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts import confirming, factors
from accounts.confirming import Errand
from accounts.forms import ConfirmForm
from accounts.requests import person_of


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponseBase:
    """Take the factor and go on where the person was; ask again where it is wrong."""
    person = person_of(request)
    if not factors.has_any(person):
        return redirect("account_set_up")
    if request.method != "POST":
        return confirming.page(request, person, Errand("/", is_post=False, fields=[]))
    errand = Errand.carried(request)
    form = ConfirmForm(request.POST, request=request, person=person, prefix="confirm")
    if not form.is_valid() or form.factor is None:
        return confirming.page(request, person, errand, form)
    factors.give(request, form.factor, again=True)
    return errand.go_on()
