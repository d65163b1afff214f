"""What councils decided about the charter, and how far some of them are."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from charter.models import Adoption, Commitment, Council, Evidence, Framework, Note, Progress
from demonstration.story.world import World, told

STAGES = {"n": "not_started", "s": "started", "i": "in_place", "r": "reviewed"}
KEPT_BY = {"DAL": "Cal Whitfield", "DUR": "Rhiannon Pugh", "THA": "Monique Laurent"}


def tell(world: World) -> None:
    """Write adoptions, and the progress and evidence of the networks' own councils."""
    story = told("charter")
    councils = {council.code: council for council in Council.objects.all()}
    for agency, code in story["links"].items():
        Council.objects.filter(code=code).update(agency=world.agencies[agency])
        councils[code].agency = world.agencies[agency]
    _adoptions(world, story, councils)
    progress = _progress(world, story, councils)
    _evidence(world, story, progress)


def _adoptions(world: World, story: dict[str, Any], councils: dict[str, Council]) -> None:
    framework = Framework.objects.get()
    rows = []
    for told_one in story["adoption"]:
        rows += _decisions(world, told_one, councils[told_one["council"]], story["invented"])
    for group in story["others"]:
        for code, day in group["councils"]:
            rows.append(Adoption(council=councils[code], kind=group["kind"], decided_on=day, meeting=story["invented"]))
    for row in rows:
        row.framework = framework
        if row.recorded_by is None:
            row.recorded_at = world.ago(500, "12:00")
    Adoption.objects.bulk_create(rows)


def _decisions(world: World, told_one: dict[str, Any], council: Council, invented: str) -> list[Adoption]:
    """One decision, or two of which the second followed the first."""
    by = world.people[told_one["by"]] if "by" in told_one else None
    first = Adoption(
        council=council,
        kind=told_one["kind"],
        decided_on=told_one["on"],
        meeting=told_one.get("known", invented),
        reservations=told_one.get("reservations", ""),
        recorded_by=by,
        recorded_at=_soon_after(world, told_one["on"]),
    )
    rows = [first]
    if later := told_one.get("followed"):
        recorded = _soon_after(world, later["on"])
        first.ended_at, first.end = recorded, Adoption.End.FOLLOWED
        fields = {"kind": later["kind"], "decided_on": later["on"], "meeting": invented}
        rows.append(Adoption(council=council, recorded_by=by, recorded_at=recorded, **fields))
    for row in rows:
        if by:
            world.remember("adoption.record", council, by=by, at=row.recorded_at, kind=row.kind)
    return rows


def _soon_after(world: World, day: dt.date) -> dt.datetime:
    """Recorded a week after the decision, but not before there was anywhere to record it."""
    return world.ago(max(0, min((world.today - day).days - 7, 700)), "14:45")


def _progress(world: World, story: dict[str, Any], councils: dict[str, Council]) -> dict[tuple[str, int], Progress]:
    found: dict[tuple[str, int], Progress] = {}
    for code, stages in story["progress"].items():
        for commitment, letter in zip(Commitment.objects.order_by("number"), stages, strict=True):
            if letter != "n":
                row = _stage(world, councils[code], commitment, STAGES[letter], KEPT_BY[code])
                found[code, commitment.number] = row
    Progress.objects.bulk_create(found.values())
    return found


def _stage(world: World, council: Council, commitment: Commitment, stage: str, keeper: str) -> Progress:
    days, by = world.chance.randint(20, 320), world.people[keeper]
    at = world.ago(days, "15:10")
    world.remember("progress.record", council, by=by, at=at, commitment=commitment.number, stage=stage)
    reviewed = world.today - dt.timedelta(days) if stage == "reviewed" else None
    return Progress(
        council=council, commitment=commitment, stage=stage, reviewed_on=reviewed, recorded_by=by, recorded_at=at
    )


def _evidence(world: World, story: dict[str, Any], progress: dict[tuple[str, int], Progress]) -> None:
    notes, links = [], []
    for told_one in story["evidence"]:
        key = (told_one["council"], told_one["commitment"])
        by: User = world.people[KEPT_BY[key[0]]]
        at = world.ago(told_one["days"], "15:20")
        link = Evidence(progress=progress[key], title=told_one["title"], url=told_one["url"], added_by=by, added_at=at)
        link.published_at = at if told_one["public"] else None
        links.append(link)
        if "note" in told_one:
            notes.append(Note(progress=progress[key], text=told_one["note"]))
        council = progress[key].council
        world.remember("evidence.add", council, by=by, at=at, commitment=key[1], public=told_one["public"])
    Evidence.objects.bulk_create(links)
    Note.objects.bulk_create(notes)
