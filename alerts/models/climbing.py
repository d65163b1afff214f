"""How an alert that cannot wait goes on to others while an agency has not acknowledged it."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.ids import uuid7
from alerts.models.alerts import Alert
from alerts.visibility import follows, sees
from audit.visible import VisibleQuerySet
from network import standing
from network.models import Agency, Network
from network.visibility import LEADS, RUNNERS, Role

SOONEST, LATEST = 5, 240  # minutes; after four hours the post gives up on a message that cannot wait
DEPUTIES_AFTER, OTHER_WAY_AFTER, CALLS_AFTER = 15, 30, 60


class Ladder(models.Model):
    """After how many minutes an alert goes on, for one network. Without a row: 15, 30 and 60."""

    network = models.OneToOneField(Network, models.CASCADE, primary_key=True, related_name="ladder")
    deputies_after = models.PositiveSmallIntegerField("its other leads", default=DEPUTIES_AFTER)
    other_way_after = models.PositiveSmallIntegerField("another way", default=OTHER_WAY_AFTER)
    calls_after = models.PositiveSmallIntegerField("the call list", default=CALLS_AFTER)

    objects: ClassVar[VisibleQuerySet[Ladder]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    deputies_after__gte=SOONEST,
                    other_way_after__gt=F("deputies_after"),
                    calls_after__gt=F("other_way_after"),
                    calls_after__lte=LATEST,
                ),
                name="ladder_goes_up",
                violation_error_message=f"Each must come after the one before, from {SOONEST} to {LATEST} minutes.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.deputies_after}, {self.other_way_after}, {self.calls_after} minutes"

    @property
    def audit_name(self) -> str:
        """Known in the trail by its network's name."""
        return self.network.name

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """Those who run or audit the network."""
        return Q(network__in=standing.of(reader).networks(*RUNNERS, Role.AUDITOR))


class Steps(VisibleQuerySet["Step"]):
    """Steps, by kind."""

    def released(self) -> Self:
        """Those that say for which agencies an alert was when it was released."""
        return self.filter(kind=Step.Kind.RELEASED)


class Step(models.Model):
    """That an alert has come so far for one agency. Each step is taken once, whoever takes it: the database says so.

    The first row of an agency is written at release, and the others only where it stands, so no agency joins later.
    `minutes` is after how many the network has this step, and `round` names the transaction that took it.
    """

    class Kind(models.IntegerChoices):
        RELEASED = 0, "Released to it"
        DEPUTIES = 1, "Given to its other leads and deputy leads"
        OTHER_WAY = 2, "Sent to its leads by another way"
        CALL = 3, "On the coordinator’s call list"

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="climbing")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="alert_steps")
    kind = models.PositiveSmallIntegerField(choices=Kind)
    minutes = models.PositiveSmallIntegerField(default=0)
    round = models.UUIDField(null=True, editable=False)
    at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[Steps] = Steps.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["kind"]
        constraints = [
            models.UniqueConstraint(fields=["alert", "agency", "kind"], name="one_step_an_alert_and_agency"),
        ]
        indexes = [models.Index(fields=["round"], condition=Q(round__isnull=False), name="step_by_round")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of alert {self.alert_id}"

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """Those who follow how the alert fares with everyone; its own agency's leads who know of the alert."""
        here = standing.of(reader)
        followed = Alert.objects.filter(follows(here)).order_by().values("pk")
        known = Alert.objects.filter(sees(here)).order_by().values("pk")
        return Q(alert__in=followed) | Q(agency__in=here.agencies(*LEADS), alert__in=known)


class Call(models.Model):
    """That somebody telephoned an agency about an alert, and whether they reached anybody. It acknowledges nothing."""

    class Outcome(models.TextChoices):
        REACHED = "reached", "Reached"
        NO_ANSWER = "no_answer", "No answer"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    alert = models.ForeignKey(Alert, models.CASCADE, related_name="calls")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    taken_back_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar[VisibleQuerySet[Call]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["alert", "agency", "-id"], name="call_by_alert_and_agency")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} about alert {self.alert_id}"

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """Those who run or audit the network."""
        here = standing.of(reader)
        run = Alert.objects.filter(network__in=here.networks(*RUNNERS, Role.AUDITOR)).order_by().values("pk")
        return Q(alert__in=run)
