"""The pages on which operators run the post: how it is doing, hold, let go on, try again, send a test."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.deeds import pressed, tried
from accounts.requests import person_of
from delivery import operating as post
from delivery import running, telling
from delivery.actions import operating as actions
from delivery.forms.operating import HoldForm, ResumeForm
from delivery.models import Gate
from network import roles

either = require_http_methods(["GET", "HEAD", "POST"])
EVERY = 10  # seconds between one look and the next, while the page updates by itself
LOOKS = 60  # and then it stops: a screen that nobody watches must not keep a session awake


@require_safe
def operating(request: HttpRequest) -> HttpResponse:
    """How the post is doing, and what can be done about it. 403 for all but operators."""
    gate = _gate(request, "post.watch")
    looks = _looks(request)
    page = {
        **telling.page(post.account()),
        "looks": looks,
        "every": EVERY,
        "stopped": "live" in request.GET and not looks,
        "now": timezone.now(),
        "gate": gate,
    }
    return render(request, "delivery/operating.html", page)


@either
def hold(request: HttpRequest) -> HttpResponse:
    """Asks why, then holds everything."""
    gate, form = _gate(request, "post.hold"), HoldForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        held = tried(form, actions.hold, gate=gate, reason=form.cleaned_data["reason"], by=person_of(request))
        if held:
            messages.success(request, "Everything is held. Nothing leaves until an operator lets it go on.")
            return redirect("delivery:operating")
    return render(request, "delivery/hold.html", {"form": form})


@either
def resume(request: HttpRequest) -> HttpResponse:
    """Says what goes out then, and what may go out twice, and lets everything go on. Asks for a fresh second factor."""
    gate, held, batches = _gate(request, "post.resume"), post.hold(), post.may_repeat()
    form = ResumeForm(_sent(request), batches=batches)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data.get("withdraw", [])
        if tried(form, actions.resume, gate=gate, withdraw=chosen, by=person_of(request)):
            unsent = " What you chose stays unsent." if chosen else ""
            messages.success(request, f"Messages go on. What is owed leaves now.{unsent}")
            return redirect("delivery:operating")
    if held is None and request.method != "POST":
        messages.info(request, "Nothing is held.")
        return redirect("delivery:operating")
    page = {"form": form, "held": held, "batches": batches, "owed": sum(row.total for row in post.owed())}
    return render(request, "delivery/resume.html", page)


@either
def retry(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """Says what would be tried again, of one mailing or of all in the last 24 hours, and does so."""
    gate = _gate(request, "post.retry")
    if request.method == "POST":
        done = "What failed is owed again."
        pressed(request, done, actions.retry, gate=gate, mailing=pk, by=person_of(request))
        return redirect("delivery:operating")
    if pk is None:
        return render(request, "delivery/retry.html", {"many": post.retryable_today()})
    batch = next(iter(post.retryable(pk)), None)
    if batch is None:
        raise Http404
    return render(request, "delivery/retry.html", {"batch": batch, "many": batch.many})


@either
def send_test(request: HttpRequest) -> HttpResponse:
    """Asks once more, sends the person a test, and goes on to how it went."""
    gate = _gate(request, "post.test")
    if request.method == "POST":
        done = "A test is on its way to you."
        sent = pressed(request, done, actions.send_test, gate=gate, by=person_of(request))
        return redirect("delivery:test", sent.pk) if sent else redirect("delivery:operating")
    return render(request, "delivery/send_test.html", {"held": post.hold()})


@require_safe
def test(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How a test of one's own went by each channel. 404 for anybody else's."""
    _gate(request, "post.test")
    rows = running.test_of(person_of(request), pk)
    if not rows:
        raise Http404
    looks = _looks(request)
    page = {"mailing": rows[0].mailing, "rows": telling.of_test(rows), "looks": looks, "every": EVERY}
    return render(request, "delivery/test.html", {**page, "held": post.hold(), "head": telling.TEST_HEAD})


def _gate(request: HttpRequest, right: str) -> Gate:
    """The gate, for who has this right; 403 for everybody else."""
    gate = Gate.objects.visible_to(request.user).first() or Gate(pk=1)
    roles.require(request.user, right, gate)
    return gate


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was posted, also when that is nothing."""
    return request.POST if request.method == "POST" else None


def _looks(request: HttpRequest) -> int:
    """How many more looks the page takes by itself; none unless asked for."""
    asked = request.GET.get("live")
    if asked is None:
        return 0
    return min(int(asked), LOOKS) if asked.isascii() and asked.isdigit() else LOOKS
