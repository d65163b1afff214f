"""How each message went by each channel. The delivery table is the queue."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from audit.visible import VisibleQuerySet
from delivery.models.messages import Mailing, Recipient


class Deliveries(VisibleQuerySet["Delivery"]):
    """Deliveries, those still owed, and how they end."""

    def owed(self) -> Self:
        """Those that are to be sent and that nobody is sending: queued, or not known to have arrived."""
        return self.filter(state__in=Delivery.OWED)

    def close(self, state: str, detail: str | None, **also: Any) -> int:
        """End these, whoever holds them; return how many. Without a new detail the last problem stays to be read."""
        said = also if detail is None else {"detail": detail, **also}
        return self.update(state=state, fence=None, lease_until=None, finished_at=Now(), **said)


class Delivery(models.Model):
    """One recipient by one channel. Rows are claimed by a conditional UPDATE; an outcome is written only by the
    holder of the row's fence."""

    class Channel(models.TextChoices):
        EMAIL = "email", "Email"
        TEXT = "text", "Text message"
        WEBHOOK = "webhook", "Webhook"

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        SENDING = "sending", "Sending"
        UNSURE = "unsure", "Unsure"
        SENT = "sent", "Sent"
        DELIVERED = "delivered", "Delivered"
        FAILED = "failed", "Failed"
        BOUNCED = "bounced", "Came back"
        SUPPRESSED = "suppressed", "Not sent on purpose"
        EXPIRED = "expired", "Not sent: expired"
        WITHDRAWN = "withdrawn", "Not sent: withdrawn"

    OWED = (State.QUEUED, State.UNSURE)

    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="deliveries")
    mailing = models.ForeignKey(Mailing, models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=Channel)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    urgency = models.CharField(max_length=10, choices=Mailing.Urgency)
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    fence = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    possible_repeat = models.BooleanField(default=False)
    detail = models.CharField(max_length=300, blank=True)
    receipt = models.CharField("the other side's own name for it", max_length=80, blank=True, db_default="")
    sent_at = models.DateTimeField("taken by the next server", null=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[Deliveries] = Deliveries.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["recipient", "channel"], name="one_delivery_a_recipient_and_channel")
        ]
        indexes = [
            models.Index(
                fields=["channel", "urgency", "id"],
                condition=Q(state__in=["queued", "sending", "unsure"]),
                name="owed",
            ),
            models.Index(fields=["mailing", "state"], name="delivery_by_mailing"),
            models.Index(fields=["fence"], condition=Q(fence__isnull=False), name="delivery_by_fence"),
            models.Index(fields=["-sent_at"], condition=Q(sent_at__isnull=False), name="delivery_by_sending"),
            models.Index(
                fields=["-finished_at"], condition=Q(state__in=["failed", "bounced"]), name="delivery_by_failing"
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.pk}"

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """Those of the recipients one sees."""
        seen = Recipient.objects.filter(Recipient.seen_by(reader))
        return Q(recipient__in=seen.order_by().values("pk"))


class Report(models.Model):
    """What came back about a delivery after it was sent: a bounce, or a provider's receipt. Each is acted on once."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered", "Delivered"
        SOFT = "soft", "Refused for now"
        HARD = "hard", "Refused for good"

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="reports")
    kind = models.CharField(max_length=10, choices=Kind)
    detail = models.CharField(max_length=300, blank=True)
    key = models.CharField("the report's own name", max_length=64)
    at = models.DateTimeField(db_default=Now(), editable=False)

    objects: ClassVar[VisibleQuerySet[Report]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["delivery", "key"], name="one_report_once")]
        indexes = [models.Index(fields=["-at"], name="report_by_time")]

    def __str__(self) -> str:
        return f"{self.kind} for delivery {self.delivery_id}"

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """Those of the deliveries one sees."""
        seen = Delivery.objects.filter(Delivery.seen_by(reader))
        return Q(delivery__in=seen.order_by().values("pk"))
