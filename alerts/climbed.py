"""How far an alert has come for each agency, and how it would go on, in words."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.formats import date_format

from accounts.dates import written
from alerts import marking
from alerts.board import Board, Coverage
from alerts.climbing import ladder_of
from alerts.models import Alert, Step
from delivery.models import Delivery, Recipient
from network.visibility import LEADS

Kind = Step.Kind


class Standing(NamedTuple):
    """How one agency stands, and the steps taken for it, in words with their times."""

    coverage: Coverage
    steps: list[str]


def standings(alert: Alert, board: Board, reader: Any) -> list[Standing]:
    """The board's agencies with the steps that the reader may know of, and the agencies for which nobody has the alert
    yet; those that do not have it first. One query; none for an alert that can wait."""
    steps: dict[UUID, list[str]] = defaultdict(list)
    names: dict[UUID, str] = {}
    for step in _steps(alert, reader) if alert.urgency == Alert.Urgency.IMMEDIATE else ():
        names[step.agency_id] = step.agency.name
        if step.kind != Kind.RELEASED:
            steps[step.agency_id].append(f"{_in_words(step)}, {_when(step.at, alert)}")
    known = {coverage.agency_id for coverage in board.agencies}
    nobody = [Coverage(pk, name, 0, 0, None) for pk, name in names.items() if pk not in known]
    agencies = sorted([*board.agencies, *nobody], key=lambda each: (each.covered_at is not None, each.agency))
    return [Standing(found, steps.get(found.agency_id, []) if found.agency_id else []) for found in agencies]


def plan(alert: Alert) -> str:
    """What happens where nobody acknowledges, and when; empty for an alert that can wait."""
    if alert.urgency != Alert.Urgency.IMMEDIATE:
        return ""
    ladder = ladder_of(alert.network)
    deputies = f"the other people who lead it are given the alert after {ladder.deputies_after} minutes, "
    if alert.tlp == marking.Tlp.RED:
        deputies = "nobody else is given the alert, because of its label; "
    return (
        f"If nobody who leads an agency acknowledges, {deputies}those with a number for text messages get one after "
        f"{ladder.other_way_after}, and the agency is on the coordinator’s call list after {ladder.calls_after}."
    )


def _steps(alert: Alert, reader: Any) -> QuerySet[Step]:
    """Each with how many people came to it by the step."""
    own = {"mailing": OuterRef("alert__mailing")}
    added = Recipient.objects.filter(**own, agency=OuterRef("agency"), added_at__isnull=False)
    texts = Delivery.objects.filter(
        **own, recipient__agency=OuterRef("agency"), recipient__role__in=LEADS, channel=Delivery.Channel.TEXT
    )
    seen = Step.objects.visible_to(reader).filter(alert=alert).select_related("agency")
    return seen.annotate(added=_number(added), texts=_number(texts)).order_by("agency", "kind")


def _number(rows: QuerySet[Any]) -> Coalesce:
    counted = rows.order_by().values("mailing").annotate(many=Count("pk")).values("many")
    return Coalesce(Subquery(counted), 0, output_field=IntegerField())


def _in_words(step: Any) -> str:
    if step.kind == Kind.DEPUTIES:
        return f"Given to {step.added} more {_people(step.added)}" if step.added else "Nobody else there to give it to"
    if step.kind == Kind.OTHER_WAY:
        return f"Text message to {step.texts} {_people(step.texts)}" if step.texts else "No number for a text message"
    return "On the coordinator’s call list"


def _when(at: dt.datetime, alert: Alert) -> str:
    """The time; with the day, where that is another than that of the release."""
    at = timezone.localtime(at)
    same = alert.released_at is not None and at.date() == timezone.localdate(alert.released_at)
    return written(at) if same else f"{date_format(at, 'j F')} at {written(at)}"


def _people(many: int) -> str:
    return "person" if many == 1 else "people"
