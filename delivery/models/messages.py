"""What is sent, to whom, and why."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from accounts.ids import uuid7
from audit.visible import VisibleQuerySet
from network import standing
from network.models import Agency, Appointment, Area, Network
from network.visibility import LEADS, Role

one_line = RegexValidator(r"^[^\x00-\x1f\x7f\u2028\u2029]*$", "Use one line with no control characters.")


# What carries one of these never leaves the platform as text (Government Security Classifications; FIRST's TLP 2.0).
STRICT_WORDS = ("SENSITIVE", "SECRET", "TLP:AMBER", "TLP:RED")


def is_strict(marking: str) -> bool:
    """Whether a marking is stricter than may travel in email."""
    return any(word in marking.upper() for word in STRICT_WORDS)


def _strictly_marked() -> Q:
    found = Q()
    for word in STRICT_WORDS:
        found |= Q(marking__contains=word)
    return found


class Recipients(VisibleQuerySet["Recipient"]):
    """Recipients, and the one thing a person does to their own row."""

    def acknowledge(self, recipient: Recipient) -> bool:
        """Note that the person acknowledged; true once, however often and from how many places it is asked."""
        return bool(self.filter(pk=recipient.pk, acknowledged_at=None).update(acknowledged_at=Now()))


class Audience(models.Model):
    """The rule of who a message is for. The people are worked out from it at release, and then frozen.

    Either everyone in the network with one of the roles; or those in agencies of the chosen kinds (any, if none is
    chosen) that cover one of the chosen areas (any, if none is chosen), and in the named agencies as well. Excluded
    agencies are left out of all of it.
    """

    network = models.ForeignKey(Network, models.PROTECT, related_name="+")
    everyone = models.BooleanField("all agencies in the network", default=False)
    roles = models.JSONField(default=list)
    kinds = models.JSONField(default=list, blank=True)
    areas = models.ManyToManyField(Area, blank=True, related_name="+")
    agencies = models.ManyToManyField(Agency, blank=True, related_name="+")
    excluded = models.ManyToManyField(Agency, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"audience {self.pk}"


class Mailing(models.Model):
    """One message, frozen at release; it never changes afterwards.

    `withheld` means that the text may be read only behind sign-in: what leaves the platform is the marking, network,
    reference, urgency and a link. `path` is where the message is read.
    """

    class Kind(models.TextChoices):
        ALERT = "alert", "Alert"
        TRAINING = "training", "Training notice"
        DIGEST = "digest", "Daily summary"
        NOTICE = "notice", "Notice"

    class Urgency(models.TextChoices):
        IMMEDIATE = "immediate", "Immediate"
        PRIORITY = "priority", "Priority"
        ROUTINE = "routine", "Routine"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    network = models.ForeignKey(Network, models.PROTECT, related_name="+")
    reference = models.CharField(max_length=20, validators=[one_line])
    marking = models.CharField(max_length=80, validators=[one_line])
    subject = models.CharField(max_length=150, validators=[one_line])
    text = models.TextField()
    withheld = models.BooleanField(default=False)
    path = models.CharField(max_length=200, validators=[one_line])
    urgency = models.CharField(max_length=10, choices=Urgency)
    released_at = models.DateTimeField(db_default=Now())
    deadline_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-released_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(withheld=True) | ~_strictly_marked(),
                name="strict_markings_are_withheld",
                violation_error_message="Text with this marking may be read only in the platform.",
            ),
            models.UniqueConstraint(
                fields=["network", "reference"],
                condition=Q(kind="digest"),
                name="one_summary_a_network_and_day",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def may_be_muted(self) -> bool:
        """Whether a link in the message may turn off its kind. Alerts that cannot wait have none."""
        return self.urgency != self.Urgency.IMMEDIATE and self.kind in {
            self.Kind.ALERT,
            self.Kind.TRAINING,
            self.Kind.DIGEST,
        }

    @property
    def stays_inside(self) -> bool:
        """Whether the text may be read only behind sign-in. The marking decides, whatever else the row says."""
        return self.withheld or is_strict(self.marking)


class Recipient(models.Model):
    """One person a mailing is for, and why. It is also that person's inbox row in the platform."""

    mailing = models.ForeignKey(Mailing, models.PROTECT, related_name="recipients")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, related_name="+")
    role = models.CharField(max_length=12, choices=Appointment.Role)
    reason = models.CharField(max_length=400)
    acknowledged_at = models.DateTimeField(null=True)
    added_at = models.DateTimeField("given to them after its release", null=True)

    objects: ClassVar[Recipients] = Recipients.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [models.UniqueConstraint(fields=["mailing", "person"], name="one_recipient_a_person_and_mailing")]
        indexes = [models.Index(fields=["person", "-id"], name="inbox")]

    def __str__(self) -> str:
        return f"recipient {self.pk}"

    @property
    def has_had_it_since(self) -> dt.datetime:
        """When it was given to them: with everybody, or later."""
        return self.added_at or self.mailing.released_at

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """One's own rows; of alerts and training notices also those of one's agency for its leads, and those of the
        network for who runs or audits it. A summary says what somebody chose, and a notice is between the post and
        whom it is for."""
        here = standing.of(reader)
        run = Q(mailing__network__in=here.networks(Role.COORDINATOR, Role.APPROVER, Role.AUDITOR))
        told = Q(mailing__kind__in=(Mailing.Kind.ALERT, Mailing.Kind.TRAINING))
        return Q(person=here.person, person__isnull=False) | (told & (Q(agency__in=here.agencies(*LEADS)) | run))
