"""Who has acknowledged an alert and who has not, by agency and by person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from alerts.models import Alert
from alerts.visibility import follows
from delivery.models import Delivery, Recipient
from network.visibility import LEADS

PAGE = 100


HAS_IT = Q(role__in=LEADS, acknowledged_at__isnull=False)


def has_it(mailing: str = "mailing", agency: str = "agency") -> Exists:
    """Of rows that lead to a mailing and an agency: that the agency has it, because a lead or deputy lead of it, to
    whom it was sent as such, acknowledged."""
    return Exists(Recipient.objects.filter(HAS_IT, mailing=OuterRef(mailing), agency=OuterRef(agency)))


@dataclass(frozen=True)
class Coverage:
    """How one agency stands: it has it once its lead or deputy lead acknowledged."""

    agency_id: UUID | None
    agency: str
    people: int
    acknowledged: int
    covered_at: Any


@dataclass(frozen=True)
class Board:
    """The whole of it, or the reader's own part."""

    people: int
    acknowledged: int
    agencies: list[Coverage]

    @property
    def percent(self) -> int:
        """How many of a hundred people acknowledged, rounded down."""
        return self.acknowledged * 100 // self.people if self.people else 0

    @property
    def covered(self) -> int:
        """How many agencies have it."""
        return sum(1 for agency in self.agencies if agency.covered_at)


def sees_all(alert: Alert, reader: Any) -> bool:
    """Whether the reader follows how the alert fares with everyone: its makers, and who watches over the network."""
    return Alert.objects.filter(follows(reader), pk=alert.pk).exists()


def rows(alert: Alert, reader: Any) -> QuerySet[Recipient]:
    """The recipients whose acknowledgement the reader may know of: everyone's, their agency's if they lead it, or
    their own."""
    found = Recipient.objects if sees_all(alert, reader) else Recipient.objects.visible_to(reader)
    return found.filter(mailing=alert.mailing_id, mailing__isnull=False)


def of(recipients: QuerySet[Recipient]) -> Board:
    """The board of these recipients. One query."""
    found = (
        recipients.values("agency", "agency__name")
        .annotate(
            people=Count("pk"),
            acknowledged=Count("acknowledged_at"),
            covered_at=Max("acknowledged_at", filter=HAS_IT),
        )
        .order_by("agency__name", "agency")
    )
    agencies = [
        Coverage(
            row["agency"], row["agency__name"] or "No agency", row["people"], row["acknowledged"], row["covered_at"]
        )
        for row in found
    ]
    return Board(sum(a.people for a in agencies), sum(a.acknowledged for a in agencies), agencies)


def lagging(alerts: QuerySet[Alert]) -> QuerySet[Alert]:
    """Those of these alerts that an agency has not acknowledged through its lead or deputy lead."""
    reached = Recipient.objects.filter(mailing=OuterRef("mailing"), agency__isnull=False)
    return alerts.filter(Exists(reached.exclude(has_it())))


def coverage(alerts: Collection[Alert]) -> dict[UUID, tuple[int, int]]:
    """For each of these alerts how many agencies it reached, and how many of them have it. One query."""
    counted = (
        Recipient.objects.filter(mailing__in=[alert.mailing_id for alert in alerts], agency__isnull=False)
        .order_by()
        .values_list("mailing__alert")
        .annotate(reached=Count("agency", distinct=True), have_it=Count("agency", distinct=True, filter=HAS_IT))
    )
    return {alert: (reached, have_it) for alert, reached, have_it in counted}


def people(recipients: QuerySet[Recipient], after: int = 0) -> list[Recipient]:
    """The next hundred and one of them, each with their agency and deliveries: one more than a page, to know of it."""
    page = recipients.filter(pk__gt=after).select_related("person", "agency").order_by("pk")
    return list(page.prefetch_related("deliveries")[: PAGE + 1])


def by_email(recipient: Recipient) -> str:
    """What became of the email, in words; empty where none was owed. Uses the deliveries fetched with it."""
    state = next((d.state for d in recipient.deliveries.all() if d.channel == Delivery.Channel.EMAIL), None)
    return str(Delivery.State(state).label) if state else ""
