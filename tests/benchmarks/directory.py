"""A page of the directory for somebody with rights: 100,000 listings, 10,000 people, 200 agencies, 20,000 grants.

Beside it, on the same machine and in turns with it: the same page without any rights, as SQL and through the ORM; what
django-guardian's `get_objects_for_user` takes; a bare Django view. Milliseconds are medians; only ratios mean anything.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse, set_urlconf
from guardian.shortcuts import get_objects_for_user

from accounts.models import User
from directory import paging, search
from directory.models import Listing
from tests.benchmarks import api, world
from tests.factories import sign_in

ROUNDS, SMALL = 25, 1_000
PAGE = "the directory's page"
Way = Callable[[], Any]
urlpatterns = [path("", lambda request: HttpResponse("ok"))]


def run() -> dict[str, Any]:
    """Make the world twice, small and large, measure each way in turns, print, and return the figures."""
    pick = random.Random(20261122)
    made = world.people()
    world.listings(made, pick, 0, SMALL)
    small = {name: figures["ms"] for name, figures in measured(pages(made.reader)).items()}
    world.listings(made, pick, SMALL, world.LISTINGS)
    large = measured({**pages(made.reader), **deep(made.reader), **searches(made.reader), **counts(made.reader)})
    web = measured(doors(made.reader), rounds=15)
    targets = judged(large, small, web)
    report({**large, **web}, targets)
    return {
        "ways": {**large, **web},
        "1,000 listings": small,
        "targets": targets,
        "queries of the directory's page": queries(made.reader),
    }


def pages(reader: User) -> dict[str, Way]:
    """The first page of 25."""
    usual = get_objects_for_user
    return {
        "limit: raw SQL, no rights": raw,
        "page, ORM, no rights": lambda: paging.page_of(Listing.objects.all()),
        "page, with rights": lambda: paging.page_of(Listing.objects.visible_to(reader)),
        "page, guardian get_objects_for_user": lambda: list(
            usual(reader, "directory.view_listing", Listing).order_by("name", "id")[:26]
        ),
    }


def deep(reader: User) -> dict[str, Way]:
    """Page 1,000."""
    rows = Listing.objects.visible_to(reader).order_by("name", "id").values_list("pk", flat=True)
    row = rows[paging.SIZE * 999 - 1]
    return {"page 1,000, with rights": lambda: paging.page_of(Listing.objects.visible_to(reader), after=row)}


def searches(reader: User) -> dict[str, Way]:
    """A page of what some words find: common ones, and one that one listing in 500 has."""
    every, seen = Listing.objects.all, lambda: Listing.objects.visible_to(reader)
    found: dict[str, Way] = {}
    for name, text in {"common words": "outr elmham", "a rare word": "quixo"}.items():
        found[f"search, {name}, no rights"] = lambda text=text: paging.page_of(every().filter(search.matching(text)))
        found[f"search, {name}, with rights"] = lambda text=text: paging.page_of(seen().filter(search.matching(text)))
    return found


def counts(reader: User) -> dict[str, Way]:
    """How many there are, to 1,000."""
    return {
        "count to 1,000, ORM, no rights": lambda: paging.counted(Listing.objects.all()),
        "count to 1,000, with rights": lambda: paging.counted(Listing.objects.visible_to(reader)),
        "count, guardian": lambda: get_objects_for_user(reader, "directory.view_listing", Listing).count(),
    }


def doors(reader: User) -> dict[str, Way]:
    """Whole requests through the handler, in process: the page people see, the list machines read, a bare view."""
    client, bare = Client(), bare_view()
    sign_in(client, reader)
    return {
        "bare Django view": bare,
        PAGE: lambda: answered(client.get(reverse("directory:search"))),
        **api.ways(reader),
    }


def bare_view() -> Way:
    """A request answered “ok” by a handler without middleware."""
    with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
        handler = WSGIHandler()
    request = RequestFactory()

    def call() -> None:
        asked = handler.request_class(request.get("/").environ)
        asked.urlconf = __name__
        handler.get_response(asked)
        set_urlconf(None)

    return call


def answered(response: Any) -> Any:
    """The response, which must be a good one: a fast failure is no figure."""
    if response.status_code != 200:
        raise AssertionError(f"{response.request['PATH_INFO']} answered {response.status_code}")
    return response


def raw() -> None:
    """The least a page can cost."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name, summary, access FROM directory_listing ORDER BY name, id LIMIT 26")
        cursor.fetchall()


def measured(ways: dict[str, Way], rounds: int = ROUNDS) -> dict[str, dict[str, float]]:
    """Median and quartiles in milliseconds, the ways taking turns so that a busy moment hits all of them."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 3):
        for name, way in ways.items():
            began = time.perf_counter()
            way()
            if turn >= 3:
                taken[name].append((time.perf_counter() - began) * 1000)
    return {name: _spread(times) for name, times in taken.items()}


def queries(reader: User) -> int:
    """How many statements the directory's page takes, for any number of listings."""
    client = Client()
    sign_in(client, reader)
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("directory:search"))
    return len(asked)


def judged(large: dict[str, Any], small: dict[str, float], web: dict[str, Any]) -> list[dict[str, Any]]:
    """Each target with what was measured."""
    ms = {name: figures["ms"] for name, figures in {**large, **web}.items()}
    page = ms["page, with rights"]
    rows = [
        ("page with rights, of the ORM page without", page / ms["page, ORM, no rights"], "≤", 4.0),
        ("page with rights, of get_objects_for_user", page / ms["page, guardian get_objects_for_user"], "≤", 0.15),
        ("100,000 listings, of 1,000", page / small["page, with rights"], "≤", 1.6),
        ("page 1,000, of page 1", ms["page 1,000, with rights"] / page, "≤", 1.2),
        *(
            (f"search, {text}, of without rights", _share(ms, f"search, {text},", "with rights", "no rights"), "≤", 1.7)
            for text in ("common words", "a rare word")
        ),
        ("directory page, of a bare view (requests a second)", _share(ms, "", "bare Django view", PAGE), "≥", 0.04),
    ]
    json_list = ms[api.OURS]
    rows.append(("JSON list, of a bare view (requests a second)", ms["bare Django view"] / json_list, "≥", 0.07))
    rows.append(("JSON list, of DRF’s usual list without rights", ms[api.USUAL] / json_list, "≥", 1.5))
    return [
        {"what": what, "measured": round(value, 3), "target": f"{sign} {limit}", "held": _held(value, sign, limit)}
        for what, value, sign, limit in rows
    ]


def report(ways: dict[str, dict[str, float]], targets: list[dict[str, Any]]) -> None:
    """Both tables, for people."""
    print(f"\nDirectory: {world.LISTINGS:,} listings, {world.PEOPLE:,} people, {world.GRANTS:,} grants, a page of 25\n")
    print(f"{'way':52}{'median ms':>10}{'quartiles':>20}")
    for name, figures in ways.items():
        print(f"{name:52}{figures['ms']:>10.2f}{figures['q1']:>11.2f} –{figures['q3']:>7.2f}")
    print(f"\n{'target':60}{'measured':>10}{'asked':>10}")
    for row in targets:
        print(f"{row['what']:60}{row['measured']:>10.3f}{row['target']:>10}  {'held' if row['held'] else 'NOT HELD'}")


def _share(ms: dict[str, float], about: str, one: str, other: str) -> float:
    return ms[f"{about} {one}".strip()] / ms[f"{about} {other}".strip()]


def _held(value: float, sign: str, limit: float) -> bool:
    return value <= limit if sign == "≤" else value >= limit


def _spread(times: list[float]) -> dict[str, float]:
    q1, median, q3 = statistics.quantiles(times, n=4)
    return {"ms": round(median, 3), "q1": round(q1, 3), "q3": round(q3, 3)}
