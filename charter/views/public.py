"""What everybody may read without signing in: the register, its table as a file, and each council's page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from charter import register as the_register
from charter import tilemap
from charter.forms import RegisterFilter
from charter.models import Adoption, Council, Evidence, Framework, Progress
from network import roles

FRESH_SECONDS = 300
ALL = "all"
View = Callable[..., HttpResponse]


class Shown(NamedTuple):
    """The register as it was asked for: `placed` before the kind of adoption narrows it, `rows` after."""

    form: RegisterFilter
    framework: Framework | None
    placed: list[the_register.Row]
    rows: list[the_register.Row]


def public(view: View) -> View:
    """A page of public facts: no sign-in, reading only, and shared caches may keep what nobody in particular saw."""

    @wraps(view)
    def answered(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        response = view(request, **kwargs)
        if not request.user.is_authenticated:
            patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
        return response

    opened: View = login_not_required(require_safe(answered))
    return opened


@public
def register(request: HttpRequest) -> HttpResponse:
    """What councils decided: filters, counts a kind, tile map, and a table of those with a decision.

    Whoever narrows it, or asks for all, finds the others in the table too; counts and map always have them.
    """
    shown = _shown(request)
    narrowed = any(value for name, value in request.GET.items() if name != ALL)
    brief = not narrowed and ALL not in request.GET
    page = {
        "form": shown.form,
        "framework": shown.framework,
        "rows": the_register.decided(shown.rows) if brief else shown.rows,
        "all_url": f"{reverse('charter:register')}?{ALL}=1#register-table" if brief else "",
        "total": len(shown.placed),
        "counts": the_register.counts(shown.placed),
        "map": tilemap.draw(shown.placed),
        "untiled": the_register.untiled(shown.placed),
        "kept": list(Council.objects.visible_to(request.user).kept_by(request.user)),
        "csv_url": f"{reverse('charter:register_csv')}?{request.GET.urlencode()}".rstrip("?"),
        "narrowed": narrowed,
    }
    return render(request, "charter/register.html", page)


@public
def register_csv(request: HttpRequest) -> HttpResponse:
    """The same rows as comma-separated values. The mark at the start tells spreadsheets that it is UTF-8."""
    text = the_register.as_csv(_shown(request).rows)
    response = HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    name = f"charter-register-{timezone.localdate().isoformat()}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@public
def council(request: HttpRequest, code: str) -> HttpResponse:
    """One council: facts, decisions, published evidence, and what came before and after it. Those with a part in its
    record see the stage of each commitment as well."""
    councils = Council.objects.visible_to(request.user)
    found = get_object_or_404(councils.select_related("police_area"), code=code)
    before = list(Council.objects.visible_to(request.user).filter(successors=found))
    decisions = _decisions(request, [found, *before])
    page = {
        "council": found,
        "has_ended": bool(found.ends_on and found.ends_on < timezone.localdate()),
        "facts": _facts(found),
        "current": next((row for row in decisions if row.council_id == found.pk and not row.ended_at), None),
        "earlier": [row for row in decisions if row.council_id == found.pk and row.ended_at],
        "inherited": [row for row in decisions if row.council_id != found.pk and not row.ended_at],
        "predecessors": before,
        "successors": list(Council.objects.visible_to(request.user).filter(predecessors=found)),
        "evidence": list(_evidence(request, found)),
        "stages": _stages(request, found),
        "may_record": request.user.is_authenticated and roles.may(request.user, "charter.record", found),
    }
    return render(request, "charter/council.html", page)


def _shown(request: HttpRequest) -> Shown:
    councils = Council.objects.visible_to(request.user)
    regions = councils.filter(nation=Council.Nation.ENGLAND).values_list("region", flat=True)
    form = RegisterFilter(request.GET or None, regions=regions.order_by("region").distinct())
    asked = form.cleaned_data if form.is_bound and form.is_valid() is not None else {}
    framework = Framework.objects.visible_to(request.user).current()
    placed = the_register.rows(councils.narrowed(**asked), framework)
    kind = asked.get("kind")
    return Shown(form, framework, placed, [row for row in placed if not kind or row["kind"] == kind])


def _facts(council: Council) -> list[dict[str, Any]]:
    rows = [
        ("Type", council.get_kind_display()),
        ("Nation", council.nation),
        ("Region", council.region if council.region != council.nation else ""),
        ("Police force area", council.police_area.name if council.police_area else ""),
        ("GSS code of its area", council.gss),
        ("Source", council.source),
        ("As it was on", date_format(council.source_on, "j F Y")),
    ]
    return [{"key": key, "value": value} for key, value in rows if value]


def _decisions(request: HttpRequest, councils: Iterable[Council]) -> list[Adoption]:
    found = Adoption.objects.visible_to(request.user).filter(council__in=list(councils))
    return list(found.exclude(end=Adoption.End.CORRECTED).select_related("council", "framework"))


def _evidence(request: HttpRequest, council: Council) -> Iterable[Evidence]:
    found = Evidence.objects.visible_to(request.user).filter(progress__council=council, published_at__isnull=False)
    return found.select_related("progress__commitment").order_by("progress__commitment__number", "added_at")


def _stages(request: HttpRequest, council: Council) -> list[Progress]:
    found = Progress.objects.visible_to(request.user).filter(council=council).select_related("commitment")
    return list(found.order_by("commitment__number"))
