"""An alert that cannot wait goes on while an agency has not acknowledged it: to its other leads and deputies, by
another way, to the coordinator's call list. It stops when a lead acknowledges, when the alert is withdrawn or past its
end, and when the agency may not have it any more.

The rows of `Step` are the only memory. A round takes each step that is due by inserting it, and goes on with those that
it inserted itself, in the same transaction: so any number of beats may call, and a round that was missed is made good
by the next. All times are the database's. How many statements a round takes does not depend on how much there is to do.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.db import models, transaction
from django.db.models import Count, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Value, Window
from django.db.models.functions import Cast, Coalesce, Concat, Now, RowNumber
from django.urls import reverse

from alerts import board, marking
from alerts.models import Alert, Alerts, Ladder, Step
from audit import trail
from delivery import adding, audience, bells, notices, writing
from delivery.entitlement import belongs, entitled
from delivery.models import Mailing, Recipient
from network.models import Appointment, Network
from network.visibility import LEADS

Kind = Step.Kind
STALE = dt.timedelta(days=7)  # nobody is woken for what was released so long ago
AFTER = {Kind.DEPUTIES: "deputies_after", Kind.OTHER_WAY: "other_way_after", Kind.CALL: "calls_after"}


def begin(alert: Alert) -> None:
    """Write down for which agencies a released alert is: those it reached, and those it was meant for where nobody has
    one of the chosen roles. TLP:RED is for the people it named and for no agency else. Call it inside the release."""
    if alert.urgency != Alert.Urgency.IMMEDIATE or alert.audience is None:
        return
    reached = Q(Exists(Recipient.objects.filter(mailing=alert.mailing_id, agency=OuterRef("pk"))))
    somebody = Appointment.objects.live().filter(agency=OuterRef("pk"), role__in=alert.audience.roles)
    which = reached if alert.tlp == marking.Tlp.RED else reached | ~Q(Exists(somebody))
    rows = audience.agencies(alert.audience, strict=alert.is_withheld).filter(which)
    meant = rows.annotate(its_alert=Value(alert.pk, models.UUIDField()), its_agency=F("pk"))
    _write(meant, Kind.RELEASED, Value(0, models.IntegerField()))


def unanswered() -> Q:
    """Of steps: that their agency does not have the alert and may still have it."""
    return ~Q(board.has_it("alert__mailing")) & belongs(mailing="alert__mailing")


def climb() -> int:
    """Take every step that is due, in order, and ring; return how many were taken. One statement when none is."""
    due = [alert.pk for alert in open_alerts() if _is_due(alert, Kind.DEPUTIES)]
    return _climb(due) if due else 0


@transaction.atomic
def _climb(due: Collection[UUID]) -> int:
    """The alerts are locked first, so that none is withdrawn, and none acknowledged, in the middle of it; and looked at
    once this has not to wait any more, because one may have come to its end meanwhile."""
    list(Alert.objects.filter(pk__in=due).order_by("pk").select_for_update())
    alerts = list(open_alerts().filter(pk__in=due))
    mine = uuid4()
    take(alerts, mine)
    taken = _record(mine, alerts)
    if taken:
        tell_coordinators(alerts, mine)
        transaction.on_commit(partial(bells.ring, Mailing.Urgency.IMMEDIATE))
    return taken


def take(alerts: Collection[Alert], mine: UUID) -> None:
    """Take the steps that are due for these alerts, in order, under the round's own name. Call it in a transaction."""
    wider = [alert for alert in alerts if alert.tlp != marking.Tlp.RED]
    _take(Kind.DEPUTIES, wider, mine)
    _give(mine)
    _take(Kind.CALL, alerts, mine, _nobody_to_ask(), after=Kind.DEPUTIES)
    _take(Kind.OTHER_WAY, alerts, mine)
    adding.another_way(_of(mine, Kind.OTHER_WAY) & Q(role__in=LEADS))
    _take(Kind.CALL, alerts, mine)


def open_alerts() -> Alerts:
    """The alerts that still hold and that some agency has yet to acknowledge, each with its `age`."""
    left = Step.objects.released().filter(unanswered(), ~_taken(Kind.CALL), alert=OuterRef("pk"))
    found = Alert.objects.standing().filter(urgency=Alert.Urgency.IMMEDIATE, released_at__gt=Now() - STALE)
    age = ExpressionWrapper(Now() - F("released_at"), output_field=models.DurationField())
    return found.filter(Exists(left)).annotate(age=age).select_related("network__ladder").order_by("pk")


def ladder_of(network: Network) -> Ladder:
    """After how many minutes alerts go on in this network."""
    return getattr(network, "ladder", None) or Ladder(network=network)


def _is_due(alert: Alert, kind: Step.Kind) -> bool:
    minutes = getattr(ladder_of(alert.network), AFTER[kind])
    return bool(alert.age >= dt.timedelta(minutes=minutes))  # type: ignore[attr-defined]


def _taken(kind: Step.Kind) -> Exists:
    return Exists(Step.objects.filter(alert=OuterRef("alert"), agency=OuterRef("agency"), kind=kind))


def _take(
    kind: Step.Kind, alerts: Collection[Alert], mine: UUID, where: Q | None = None, after: Step.Kind | None = None
) -> None:
    """Insert this step for each agency for which it is due and that has neither taken it nor come to the call list.
    `after`: at the time of another step."""
    due = [alert.pk for alert in alerts if _is_due(alert, after or kind)]
    setting = AFTER[after or kind]
    usual = Value(getattr(Ladder(), setting), models.IntegerField())
    minutes = Coalesce(F(f"alert__network__ladder__{setting}"), usual)
    rows = Step.objects.released().filter(unanswered(), where or Q(), ~_taken(kind), ~_taken(Kind.CALL), alert__in=due)
    _write(rows.annotate(its_alert=F("alert"), its_agency=F("agency")), kind, minutes, mine)


def _write(rows: QuerySet[Any], kind: Step.Kind, minutes: Any, mine: UUID | None = None) -> None:
    values: dict[str, Any] = {"kind": Value(kind.value, models.IntegerField()), "minutes": minutes, "at": Now()}
    if mine:
        values["round"] = Value(mine, models.UUIDField())
    found = rows.annotate(**{f"its_{name}": value for name, value in values.items()}).order_by()
    columns = {name: f"its_{name}" for name in ("alert", "agency", *values)}
    writing.insert_or_leave(Step, found, **columns)


def _of(mine: UUID, kind: Step.Kind) -> Q:
    """Of recipients: that they have the alert for an agency for which this round took this step."""
    steps = Step.objects.filter(round=mine, kind=kind, alert__mailing=OuterRef("mailing"), agency=OuterRef("agency"))
    return Q(Exists(steps))


def _nobody_to_ask() -> Q:
    """Of steps: that nobody who could acknowledge for the agency has the alert."""
    leads = Recipient.objects.filter(mailing=OuterRef("alert__mailing"), agency=OuterRef("agency"), role__in=LEADS)
    return ~Q(Exists(entitled(leads)))


def _give(mine: UUID) -> None:
    """Give it to those who lead the agencies for which this round took the step: one row a person, for the agency where
    they are strongest. Who has it already keeps the row they have."""
    step = "agency__alert_steps__"
    why = Concat(
        *audience.in_words(),
        Value(", where no lead had acknowledged it after "),
        Cast(f"{step}minutes", models.TextField()),
        Value(" minutes"),
        output_field=models.TextField(),
    )
    found = Appointment.objects.live().filter(
        role__in=LEADS, **{f"{step}round": mine, f"{step}kind": Kind.DEPUTIES.value}
    )
    leads = found.annotate(to=F(f"{step}alert__mailing"), reason=why)
    order: list[Any] = [audience.strength(), "agency__name", "pk"]
    nth = Window(RowNumber(), partition_by=["to", "person"], order_by=order)
    rows = leads.annotate(nth=nth).filter(nth=1)
    own = {name: name for name in ("person", "agency", "role", "reason")}
    adding.give(rows, kind=Mailing.Kind.ALERT, whose=_of(mine, Kind.DEPUTIES), mailing="to", **own)


def _record(mine: UUID, alerts: Collection[Alert]) -> int:
    """Tell the trail what was done, alert by alert; return how many steps were taken."""
    steps: dict[UUID, dict[str, int]] = defaultdict(dict)
    taken = Step.objects.filter(round=mine).order_by()
    for pk, kind, many in taken.values_list("alert", "kind").annotate(many=Count("pk")):
        steps[pk][Kind(kind).name.lower()] = many
    if not steps:
        return 0
    given = Recipient.objects.filter(_of(mine, Kind.DEPUTIES), added_at__isnull=False).order_by()
    people = dict(given.values_list("mailing").annotate(many=Count("pk")))
    moved = [alert for alert in alerts if alert.pk in steps]
    told = [(alert, steps[alert.pk] | {"people": people.get(alert.mailing_id, 0)}) for alert in moved]
    trail.record_each("alert.climb", told)
    return sum(sum(kinds.values()) for kinds in steps.values())


def tell_coordinators(alerts: Collection[Alert], mine: UUID) -> None:
    """Owe the coordinators a notice for each of these alerts for which a round brought agencies to the call list."""
    listed = _newly_listed(mine)
    notices.tell_coordinators([_notice(alert, listed[alert.pk]) for alert in alerts if alert.pk in listed])


def _newly_listed(mine: UUID) -> dict[UUID, int]:
    """How many agencies of each alert came to the call list in this round, for alerts of which the coordinators have
    not been told. Where nobody could be asked they come early; the others come later, and are told of once more."""
    same = Step.objects.filter(alert=OuterRef("alert"), kind=Kind.CALL, minutes=OuterRef("minutes")).exclude(round=mine)
    new = Step.objects.filter(~Exists(same), round=mine, kind=Kind.CALL).order_by()
    return dict(new.values_list("alert").annotate(many=Count("pk")))


def _notice(alert: Alert, many: int) -> Mailing:
    """It may travel: no agency and no person in it."""
    have = "1 agency has" if many == 1 else f"{many} agencies have"
    text = f"{have} not acknowledged {alert.reference}, which cannot wait.\n\nSign in to see which, and whom to call."
    return Mailing(
        network=alert.network,
        reference=f"{alert.network.prefix}-NOTICE",
        subject=f"Agencies to call about {alert.reference}",
        text=text,
        path=reverse("alerts:calls", args=[alert.reference]),
    )
