"""Putting the answer to “who can see this, and why?” before people: a page at a time, or as a sheet to keep."""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.http import HttpResponse, QueryDict
from django.utils import timezone

from audit.exports import safe_cell
from network.forms.sight import SightForm
from network.sight import Seer, Told

PAGE = 50
HEAD = ("Name", "Agency or network", "Why")


class Line(NamedTuple):
    """Somebody, or the number of people in one place whose names the asker may not hear."""

    place: str
    name: str
    unnamed: int
    reasons: tuple[str, ...]


def page(told: Told, asked: QueryDict, form: SightForm) -> dict[str, Any]:
    """What the page shows: the ways in with their counts, then the people by place, those that were asked for."""
    answer = told.answer
    group = asked.get("by", "")
    found = answer.narrowed(form.words, group)
    every = list(lines(found))
    number = _number(asked.get("page", ""), len(every))
    shown = every[(number - 1) * PAGE : number * PAGE]
    return {
        "form": form,
        "silence": told.silence,
        "open_to_all": answer.open_to_all,
        "count": len(answer.seers),
        "found": len(found),
        "narrowed": bool(form.words or group),
        "groups": [{"group": g, "url": _address(asked, by=g.key), "chosen": g.key == group} for g in answer.groups],
        "everyone_url": _address(asked, by=""),
        "places": [(place, list(rows)) for place, rows in itertools.groupby(shown, key=lambda line: line.place)],
        "systems": answer.systems,
        "previous_url": _address(asked, page=number - 1) if number > 1 else "",
        "next_url": _address(asked, page=number + 1) if number * PAGE < len(every) else "",
        "query": _address(asked) if asked else "",
    }


def as_csv(told: Told, words: str = "", group: str = "") -> str:
    """The same people and systems as comma-separated values, a line each, safe to open in a spreadsheet. People whose
    names are not the asker's to hear are one line a place, with their number."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    answer = told.answer
    if told.silence:
        writer.writerow([told.silence])
    if answer.open_to_all:
        writer.writerow(["Everyone who can sign in", "", "It is public"])
    for line in [*lines(answer.narrowed(words, group)), *(_line(system) for system in answer.systems)]:
        name = line.name or unnamed(line.unnamed)
        writer.writerow([safe_cell(cell) for cell in (name, line.place, "; ".join(line.reasons))])
    return out.getvalue()


def sheet(told: Told, asked: QueryDict, form: SightForm) -> HttpResponse:
    """The same as a file. The mark at the start tells spreadsheets that it is UTF-8; its name tells only the day."""
    text = as_csv(told, form.words, asked.get("by", ""))
    name = f"who-can-see-{timezone.localdate().isoformat()}.csv"
    return HttpResponse(
        text.encode("utf-8-sig"),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def unnamed(number: int) -> str:
    """How many people are there whose names are not told."""
    return f"{number} {'person' if number == 1 else 'people'} whose names are not yours to see"


def lines(found: Iterable[Seer]) -> Iterable[Line]:
    """A line each for those with a name; for the others one a place and way in."""
    for place, seers in itertools.groupby(found, key=lambda seer: seer.place):
        here = list(seers)
        yield from (_line(seer) for seer in here if seer.name)
        counted = Counter(seer.reasons[0].heading for seer in here if not seer.name)
        yield from (Line(place, "", number, (heading,)) for heading, number in sorted(counted.items()))


def _line(seer: Seer) -> Line:
    return Line(seer.place, seer.name, 0, tuple(dict.fromkeys(reason.words for reason in seer.reasons)))


def _number(text: str, lines: int) -> int:
    """The page asked for; the first for one that there is not."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    return number if 0 < number <= max(1, -(-lines // PAGE)) else 1


def _address(asked: QueryDict, **changed: Any) -> str:
    """The same question with a part of it changed; from its first page unless a page is given."""
    kept = asked.copy()
    for name, value in {"page": "", **changed}.items():
        kept.pop(name, None)
        if value:
            kept[name] = str(value)
    return f"?{kept.urlencode()}"
