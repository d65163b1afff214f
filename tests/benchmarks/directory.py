"""A page of the directory for somebody with rights: 100,000 listings, 10,000 people, 200 agencies, 20,000 grants.

Beside it, on the same machine and in turns with it: the same page without any rights, as SQL and through the ORM; the
same rule through the ORM; what django-guardian takes; a bare Django view. Milliseconds are medians; only ratios mean
anything.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models.expressions import RawSQL
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from guardian.core import ObjectPermissionChecker
from guardian.shortcuts import get_objects_for_user

from accounts.models import User
from directory import explaining, paging, search, subjects
from directory.filters import Wanted
from directory.models import Listing
from directory.reading import MOST_COUNTED, Found
from network import standing
from network.visibility import Role
from tests.benchmarks import web, world
from tests.factories import sign_in

ROUNDS, SIZES = 25, (1_000, 10_000, 100_000)
RAW, ORM, OURS = "limit: raw SQL, no rights", "page, ORM, no rights", "page, with rights"
BY_RULE, GUARDIAN = "page, with rights, through the ORM", "page, guardian get_objects_for_user"
FILTER = "page, guardian by DRF’s ObjectPermissionsFilter"
SEARCHES = {"common words": "outr elmham", "a rare word": "quixo"}
SEE, WHO = "directory.view_listing", ("network", "concealed")
Way = Callable[[], Any]


def run() -> dict[str, Any]:
    """Make the world in three sizes, measure each way in turns, print, and return the figures."""
    pick, made, by_size = random.Random(20261122), world.people(), {}
    for fewer, size in zip((0, *SIZES), SIZES, strict=False):
        world.listings(made, pick, fewer, size)
        by_size[size] = measured(pages(made.reader))
    ways = by_size[SIZES[-1]]
    ways |= measured({**deep(made.reader), **searches(made.reader), **counts(made.reader), **others(made.reader)})
    ways |= measured(explained(made.people[0]), rounds=5)
    with web.doors(made.reader) as doors:
        ways |= measured(doors)
    targets = judged(ways, by_size)
    report(ways, by_size, targets)
    return {
        "ways": ways,
        "by listings": {f"{size:,}": figures for size, figures in by_size.items()},
        "targets": targets,
        "queries of the directory's page": queries(made.reader),
    }


def pages(reader: User) -> dict[str, Way]:
    """The first page of 25."""
    return {
        RAW: raw,
        ORM: lambda: first(Listing.objects.all()),
        OURS: lambda: paging.page_of(Found(reader)),
        BY_RULE: lambda: first(Listing.objects.visible_to(reader)),
        GUARDIAN: lambda: first(get_objects_for_user(reader, SEE, Listing)),
        FILTER: lambda: first(filtered(reader)),
    }


def first(rows: Any) -> list[Listing]:
    """A page and whether there is more, with the agency's name as on ours."""
    return list(rows.select_related("agency").order_by("name", "id")[: paging.SIZE + 1])


def filtered(reader: User) -> Any:
    """What a DRF view gets from `ObjectPermissionsFilter` of djangorestframework-guardian: this call is all it does."""
    return get_objects_for_user(reader, SEE, Listing.objects.all(), accept_global_perms=False)


def deep(reader: User) -> dict[str, Way]:
    """Page 1,000."""
    rows = Listing.objects.visible_to(reader).order_by("name", "id").values_list("pk", flat=True)
    row = rows[paging.SIZE * 999 - 1]
    return {"page 1,000, with rights": lambda: paging.page_of(Found(reader), after=row)}


def searches(reader: User) -> dict[str, Way]:
    """A page of what some words find: common ones, and one that one listing in 500 has."""
    found: dict[str, Way] = {}
    for name, text in SEARCHES.items():
        found[f"search, {name}, no rights"] = lambda text=text: first(matching(text))
        found[f"search, {name}, with rights"] = lambda text=text: paging.page_of(Found(reader, Wanted(text=text)))
    return found


def matching(text: str) -> Any:
    """The same words through the ORM, by the same index."""
    named = search.condition(text)[1]["words"]
    has = RawSQL('"directory_listing".search_words @@ %s::tsquery', [named])
    return Listing.objects.alias(has=has).filter(has=True)


def counts(reader: User) -> dict[str, Way]:
    """How many there are, to 1,000."""
    return {
        "count to 1,000, ORM, no rights": Listing.objects.order_by()[: MOST_COUNTED + 1].count,
        "count to 1,000, with rights": Found(reader).counts,
        "count, guardian": get_objects_for_user(reader, SEE, Listing).count,
        "count, guardian by DRF’s ObjectPermissionsFilter": lambda: filtered(reader).count(),
    }


def others(reader: User) -> dict[str, Way]:
    """What else stands before a page, and a permission asked of guardian for each of its rows."""
    rows = first(Listing.objects.all())[: paging.SIZE]
    return {
        "where one stands, asked alone": lambda: standing.of(reader),
        "guardian, a permission for each of 25 rows": lambda: [
            ObjectPermissionChecker(reader).has_perm("view_listing", row) for row in rows
        ],
    }


def explained(lead: User) -> dict[str, Way]:
    """“Who can see this?”, asked by its agency's lead: everyone is looked at, a tenth of them see it."""
    seen = Listing.objects.filter(agency__in=standing.of(lead).agencies(Role.LEAD))
    found = {access: subjects.of_listing(seen.filter(access=access).earliest("name")) for access in WHO}
    return {
        f"who can see a {access} listing, of 10,000 people": lambda subject=subject: explaining.of(subject, by=lead)
        for access, subject in found.items()
    }


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
    client = sign_in(Client(), reader)
    with CaptureQueriesContext(connection) as asked:
        client.get(reverse("directory:search"))
    return len(asked)


def judged(ways: dict[str, Any], by_size: dict[int, Any]) -> list[dict[str, Any]]:
    """Each target with what was measured, and between which ratios it lies by the quartiles. How it grows is judged by
    the quickest quarter: the sizes are measured minutes apart, so that a busy moment hits one of them alone."""
    page, bare, small = ways[OURS], ways[web.BARE], by_size[SIZES[0]][OURS]
    rows = [
        ("page with rights, of the ORM page without", page, ways[ORM], "ms", "≤", 4.0),
        ("page with rights, of get_objects_for_user", page, ways[GUARDIAN], "ms", "≤", 0.15),
        ("100,000 listings, of 1,000", page, small, "q1", "≤", 1.6),
        ("page 1,000, of page 1", ways["page 1,000, with rights"], page, "ms", "≤", 1.2),
        *((f"search, {t}, of without rights", *_with_and_without(ways, t), "ms", "≤", 1.7) for t in SEARCHES),
        ("directory page, of a bare view (requests a second)", bare, ways[web.PAGE], "ms", "≥", 0.04),
        ("JSON list, of a bare view (requests a second)", bare, ways[web.OURS], "ms", "≥", 0.07),
        ("JSON list by key, of a bare view (requests a second)", bare, ways[web.BY_KEY], "ms", "≥", 0.07),
        ("JSON list, of DRF’s usual list without rights", ways[web.USUAL], ways[web.OURS], "ms", "≥", 1.5),
    ]
    return [
        {
            "what": what,
            "measured": round(one[by] / other[by], 3),
            "between": [round(one["q1"] / other["q3"], 3), round(one["q3"] / other["q1"], 3)],
            "target": f"{sign} {limit}",
            "held": one[by] / other[by] <= limit if sign == "≤" else one[by] / other[by] >= limit,
        }
        for what, one, other, by, sign, limit in rows
    ]


def report(ways: dict[str, Any], by_size: dict[int, Any], targets: list[dict[str, Any]]) -> None:
    """The tables, for people."""
    print(f"\nDirectory: {world.LISTINGS:,} listings, {world.PEOPLE:,} people, {world.GRANTS:,} grants, a page of 25\n")
    print(f"{'way':52}{'median ms':>10}{'quartiles':>20}")
    for name, figures in ways.items():
        print(f"{name:52}{figures['ms']:>10.2f}{figures['q1']:>11.2f} –{figures['q3']:>7.2f}")
    print(f"\n{'median ms, by how many listings':52}" + "".join(f"{size:>12,}" for size in by_size))
    for name in by_size[SIZES[0]]:
        print(f"{name:52}" + "".join(f"{figures[name]['ms']:>12.2f}" for figures in by_size.values()))
    print(f"\n{'target':60}{'measured':>10}{'by quartiles':>18}{'asked':>10}")
    for row in targets:
        low, high = row["between"]
        verdict = "held" if row["held"] else "NOT HELD"
        print(f"{row['what']:60}{row['measured']:>10.3f}{low:>9.3f} –{high:>7.3f}{row['target']:>10}  {verdict}")


def _with_and_without(ways: dict[str, Any], words: str) -> tuple[Any, Any]:
    return ways[f"search, {words}, with rights"], ways[f"search, {words}, no rights"]


def _spread(times: list[float]) -> dict[str, float]:
    q1, median, q3 = statistics.quantiles(times, n=4)
    return {"ms": round(median, 3), "q1": round(q1, 3), "q3": round(q3, 3)}
