"""Where a charter officer keeps their council's record. Everything else about it is refused by the actions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.deeds import tried
from accounts.requests import person_of
from charter import actions
from charter.forms import AdoptionForm, EvidenceForm, ProgressForm
from charter.models import Adoption, Commitment, Council, Evidence, Framework, Note, Progress
from network import roles

Stage = Progress.Stage
COLOURS = {Stage.NOT_STARTED: "grey", Stage.STARTED: "blue", Stage.IN_PLACE: "green", Stage.REVIEWED: ""}
ANSWERS = {
    "kind": "What the council decided",
    "decided_on": "Date of the motion",
    "meeting": "Meeting",
    "minutes_url": "Link to the minutes",
    "reservations": "Reservations",
}
CHANGES = {
    "publish": (actions.publish_evidence, "Published. Everybody can see the link on your council’s page."),
    "withhold": (actions.withhold_evidence, "The link is private again."),
    "remove": (actions.remove_evidence, "The link has been removed."),
}
either = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def record(request: HttpRequest, code: str) -> HttpResponse:
    """What there is to do: the decision, then each commitment with its stage."""
    council, framework = _kept(request, code), _framework(request)
    page = {
        "council": council,
        "framework": framework,
        "adoption": _current(request, council, framework),
        "tasks": _tasks(request, council, framework),
    }
    return render(request, "charter/record.html", page)


@either
def adoption(request: HttpRequest, code: str, *, correcting: bool = False) -> HttpResponse:
    """Asks what the council decided: a new decision, or what the current record should have said."""
    council, framework = _kept(request, code), _framework(request)
    current = _current(request, council, framework)
    if correcting and current is None:
        raise Http404
    form = AdoptionForm(request.POST or None, initial=_begun(request, code, current if correcting else None))
    if request.method == "POST" and form.is_valid():
        replaced = str(current.pk) if correcting and current else ""
        request.session[_key(code)] = {"answers": request.POST.dict(), "corrects": replaced}
        return redirect("charter:adoption_check", code=code)
    page = {"council": council, "framework": framework, "form": form, "current": current, "correcting": correcting}
    return render(request, "charter/adoption.html", page)


@either
def adoption_check(request: HttpRequest, code: str) -> HttpResponse:
    """Shows the answers once more; saves them when they are confirmed."""
    council, kept = _kept(request, code), request.session.get(_key(code))
    if not kept:
        return redirect("charter:record", code=code)
    form = AdoptionForm(kept["answers"])
    form.is_valid()
    if request.method == "POST" and _saved(request, council, form, kept["corrects"]):
        del request.session[_key(code)]
        messages.success(request, "Saved. The public register shows it now.")
        return redirect("charter:record", code=code)
    change = reverse("charter:correction" if kept["corrects"] else "charter:adoption", args=[code])
    page = {"council": council, "form": form, "answers": _answers(form, change), "change_url": change}
    return render(request, "charter/adoption_check.html", page)


@either
def adoption_remove(request: HttpRequest, code: str) -> HttpResponse:
    """Asks, then takes away a decision that was recorded by mistake."""
    council = _kept(request, code)
    current = _current(request, council, _framework(request))
    if current is None:
        raise Http404
    if request.method == "POST":
        actions.remove_adoption(adoption=current, by=person_of(request))
        messages.success(request, "Removed. The public register shows no adoption for your council now.")
        return redirect("charter:record", code=code)
    return render(request, "charter/adoption_remove.html", {"council": council, "current": current})


@either
def commitment(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One commitment: how far the council is, the note, and the evidence."""
    council, promise = _kept(request, code), _commitment(request, number)
    form = ProgressForm(request.POST or None, initial=_progress(request, council, promise))
    if request.method == "POST" and form.is_valid():
        told = {"council": council, "commitment": promise, "by": person_of(request), **form.cleaned_data}
        if tried(form, actions.record_progress, **told):
            messages.success(request, f"Saved: {promise.title}.")
            return redirect("charter:record", code=code)
    shown = Evidence.objects.visible_to(request.user).filter(progress__council=council, progress__commitment=promise)
    page = {"council": council, "commitment": promise, "form": form, "evidence": list(shown)}
    return render(request, "charter/commitment.html", page)


@either
def evidence_add(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Asks for a link that shows what was done."""
    council, promise = _kept(request, code), _commitment(request, number)
    form = EvidenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        told = {"council": council, "commitment": promise, "by": person_of(request), **form.cleaned_data}
        if tried(form, actions.add_evidence, **told):
            messages.success(request, "The link has been added.")
            return redirect("charter:commitment", code=code, number=number)
    page = {"council": council, "commitment": promise, "form": form}
    return render(request, "charter/evidence_add.html", page)


@require_POST
def evidence_change(request: HttpRequest, pk: str, change: str) -> HttpResponse:
    """Publishes a link, makes it private again, or removes it."""
    rows = Evidence.objects.visible_to(request.user).select_related("progress__council", "progress__commitment")
    found = get_object_or_404(rows, pk=pk)
    if change not in CHANGES:
        raise Http404
    act, done = CHANGES[change]
    act(evidence=found, by=person_of(request))
    messages.success(request, done)
    where = found.progress
    return redirect("charter:commitment", code=where.council.code, number=where.commitment.number)


def _kept(request: HttpRequest, code: str) -> Council:
    council = get_object_or_404(Council.objects.visible_to(request.user), code=code)
    roles.require(request.user, actions.RIGHT, council)
    return council


def _framework(request: HttpRequest) -> Framework:
    found = Framework.objects.visible_to(request.user).current()
    if found is None:
        raise Http404
    return found


def _commitment(request: HttpRequest, number: int) -> Commitment:
    return get_object_or_404(Commitment.objects.visible_to(request.user), framework=_framework(request), number=number)


def _current(request: HttpRequest, council: Council, framework: Framework) -> Adoption | None:
    rows = Adoption.objects.visible_to(request.user).select_related("council", "framework")
    return rows.filter(council=council, framework=framework, ended_at=None).first()


def _tasks(request: HttpRequest, council: Council, framework: Framework) -> list[dict[str, Any]]:
    reached = Progress.objects.visible_to(request.user).filter(council=council, commitment__framework=framework)
    stages = {row.commitment_id: Stage(row.stage) for row in reached}
    return [
        {
            "title": str(promise),
            "url": reverse("charter:commitment", args=[council.code, promise.number]),
            "hint": promise.summary,
            "status": (stage := stages.get(promise.pk, Stage.NOT_STARTED)).label,
            "colour": COLOURS[stage],
        }
        for promise in Commitment.objects.visible_to(request.user).filter(framework=framework)
    ]


def _key(code: str) -> str:
    return f"adoption of {code}"


def _begun(request: HttpRequest, code: str, corrected: Adoption | None) -> dict[str, Any]:
    """What the form starts with: answers on their way to being saved, else the record to put right."""
    kept = request.session.get(_key(code))
    if kept and bool(kept["corrects"]) == bool(corrected):
        form = AdoptionForm(kept["answers"])
        return form.cleaned_data if form.is_valid() else {}
    return {name: getattr(corrected, name) for name in ANSWERS} if corrected else {}


def _answers(form: AdoptionForm, change: str) -> list[dict[str, Any]]:
    given = form.cleaned_data
    spoken = {**given, "kind": dict(Adoption.Kind.choices).get(given.get("kind", ""), "")}
    return [
        {
            "key": label,
            "value": spoken.get(name),
            "url": f"{change}#{form[name].focus_id}",  # type: ignore[attr-defined]
            "day": name == "decided_on",
        }
        for name, label in ANSWERS.items()
    ]


def _saved(request: HttpRequest, council: Council, form: AdoptionForm, corrects: str) -> bool:
    if not form.is_valid():
        return False
    told = {**form.cleaned_data, "by": person_of(request)}
    if corrects:
        wrong = get_object_or_404(Adoption.objects.visible_to(request.user), pk=corrects, council=council)
        return bool(tried(form, actions.correct_adoption, adoption=wrong, **told))
    return bool(tried(form, actions.record_adoption, council=council, framework=_framework(request), **told))


def _progress(request: HttpRequest, council: Council, promise: Commitment) -> dict[str, Any]:
    row = Progress.objects.visible_to(request.user).filter(council=council, commitment=promise).first()
    note = Note.objects.visible_to(request.user).filter(progress=row).first() if row else None
    if row is None:
        return {}
    return {"stage": row.stage, "reviewed_on": row.reviewed_on, "note": note.text if note else ""}
