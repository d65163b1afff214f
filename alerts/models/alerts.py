"""Alerts: warnings with a life, and who wrote which version of them."""

from __future__ import annotations

from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, Q
from django.db.models.functions import Now

from accounts.ids import uuid7
from alerts import marking
from alerts.visibility import keeps, reads, sees
from audit.visible import VisibleQuerySet
from delivery.models import Audience, Mailing, one_line
from network import standing
from network.models import Agency, Network


class Alerts(VisibleQuerySet["Alert"]):
    """Alerts, at each stage of their life."""

    def visible_to(self, user: Any) -> Self:
        """The alerts the reader may know of, each of which says by `is_readable` whether its text is for them too."""
        here = standing.of(user)
        readable = ExpressionWrapper(reads(here), output_field=models.BooleanField())
        return super().visible_to(here).annotate(is_readable=readable)

    def readable_by(self, reader: Any) -> Self:
        """Of those the reader may know of, the ones whose text they may read as well."""
        return self.filter(reads(reader))

    def in_hands_of(self, person: Any) -> Self:
        """Those the person may write, submit and withdraw, as far as they may be written at all."""
        return self.filter(keeps(person))

    def drafts(self) -> Self:
        """Those being written, or returned to their author."""
        return self.filter(submitted_at=None, released_at=None)

    def awaiting(self) -> Self:
        """Those submitted and not yet released or returned."""
        return self.filter(submitted_at__isnull=False, released_at=None)

    def released(self) -> Self:
        """Those that went out, withdrawn ones included."""
        return self.filter(released_at__isnull=False)

    def standing(self) -> Self:
        """Those that went out and still hold: neither withdrawn nor past their end."""
        return self.released().filter(Q(expires_at=None) | Q(expires_at__gt=Now()), withdrawn_at=None)


def _who_and_when(deed: str, *more: Q) -> models.CheckConstraint:
    """A moment and a person go together, or neither is there."""
    neither = Q(**{f"{deed}_at": None, f"{deed}_by": None})
    both = Q(**{f"{deed}_at__isnull": False, f"{deed}_by__isnull": False})
    for condition in more:
        both &= condition
    return models.CheckConstraint(condition=neither | both, name=f"alert_{deed}_by_someone_at_a_moment")


def _person() -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )


def _moment() -> Any:
    return models.DateTimeField(null=True, blank=True, editable=False)


class Alert(models.Model):
    """A warning to the people who must act. `text` is what is known, `instruction` what to do.

    It may be edited only before release. `agency` is the author's, where a lead wrote it. The three questions and their
    answers are those of the Common Alerting Protocol 1.2 (OASIS), sections 3.2.2 “urgency”, “severity”, “certainty”.
    """

    Classification = marking.Classification
    Tlp = marking.Tlp

    class Urgency(models.TextChoices):
        IMMEDIATE = "Immediate", "Act now"
        EXPECTED = "Expected", "Act soon, within hours"
        FUTURE = "Future", "Act later, within days or weeks"
        PAST = "Past", "It is over: for information"
        UNKNOWN = "Unknown", "We do not know"

    class Severity(models.TextChoices):
        EXTREME = "Extreme", "Extreme: lives are in danger"
        SEVERE = "Severe", "Severe: people may be seriously harmed"
        MODERATE = "Moderate", "Moderate: people may be harmed"
        MINOR = "Minor", "Minor: little or no danger"
        UNKNOWN = "Unknown", "We do not know"

    class Certainty(models.TextChoices):
        OBSERVED = "Observed", "It has happened or is happening"
        LIKELY = "Likely", "Likely: more than even chances"
        POSSIBLE = "Possible", "Possible, but less than likely"
        UNLIKELY = "Unlikely", "Not expected to happen"
        UNKNOWN = "Unknown", "We do not know"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        RETURNED = "returned", "Returned"
        SUBMITTED = "submitted", "Awaiting approval"
        RELEASED = "released", "Released"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    network = models.ForeignKey(Network, models.PROTECT, related_name="+")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    reference = models.CharField(max_length=20, unique=True, editable=False)
    title = models.CharField(max_length=120, validators=[one_line])
    text = models.TextField("what is known", max_length=4000)
    instruction = models.TextField("what to do", max_length=2000)
    urgency = models.CharField("how soon?", max_length=10, choices=Urgency)
    severity = models.CharField("how serious?", max_length=10, choices=Severity)
    certainty = models.CharField("how sure?", max_length=10, choices=Certainty)
    classification = models.CharField(max_length=20, choices=marking.Classification)
    tlp = models.CharField("sharing label", max_length=12, choices=marking.Tlp)
    handling = models.CharField("handling instruction", max_length=120, blank=True, validators=[one_line])
    audience = models.OneToOneField(Audience, models.PROTECT, null=True, blank=True, related_name="+")
    mailing = models.OneToOneField(Mailing, models.PROTECT, null=True, blank=True, related_name="alert")
    expires_at = models.DateTimeField("ends", null=True, blank=True)

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, editable=False, related_name="+")
    submitted_at, submitted_by = _moment(), _person()
    returned_at, returned_by = _moment(), _person()
    return_reason = models.CharField(max_length=400, blank=True)
    released_at, released_by = _moment(), _person()
    withdrawn_at, withdrawn_by = _moment(), _person()
    withdraw_reason = models.CharField(max_length=400, blank=True)

    objects: ClassVar[Alerts] = Alerts.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        constraints = [
            _who_and_when("submitted"),
            _who_and_when("returned", ~Q(return_reason="")),
            _who_and_when("released", Q(mailing__isnull=False), Q(audience__isnull=False)),
            _who_and_when("withdrawn", ~Q(withdraw_reason=""), Q(released_at__isnull=False)),
            models.CheckConstraint(
                condition=Q(submitted_at=None) | Q(returned_at=None), name="alert_is_submitted_or_returned_not_both"
            ),
            models.CheckConstraint(
                condition=Q(mailing=None) | Q(released_at__isnull=False), name="alert_is_mailed_only_by_release"
            ),
        ]
        indexes = [
            models.Index(fields=["network", "-id"], name="alert_by_network"),
            models.Index(fields=["created_by", "-id"], name="alert_by_author"),
            models.Index(
                fields=["urgency", "released_at"],
                condition=Q(withdrawn_at=None, released_at__isnull=False),
                name="alert_that_may_climb",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @staticmethod
    def seen_by(reader: Any) -> Q:
        """Who knows that it exists: see `alerts.visibility`."""
        return sees(reader)

    @property
    def audit_name(self) -> str:
        """Alerts are known in the trail by reference: a title may say too much."""
        return self.reference

    @property
    def shown(self) -> dict[str, str]:
        """What it says, for a reader; empty unless it was fetched for one who may read it. Pages show only this."""
        if not getattr(self, "is_readable", False):
            return {}
        return {name: getattr(self, name) for name in ("title", "text", "instruction", "handling")}

    @property
    def marking(self) -> str:
        """Both labels, as in a subject line."""
        return marking.text(self.classification, self.tlp)

    @property
    def is_withheld(self) -> bool:
        """Whether the text stays behind sign-in."""
        return marking.withheld(self.classification, self.tlp)

    @property
    def state(self) -> State:
        """Where it stands in its life."""
        if self.withdrawn_at:
            return self.State.WITHDRAWN
        if self.released_at:
            return self.State.RELEASED
        if self.submitted_at:
            return self.State.SUBMITTED
        return self.State.RETURNED if self.returned_at else self.State.DRAFT

    @property
    def allows(self) -> str:
        """May I pass it on? In one sentence."""
        return marking.allows(self.classification, self.tlp)


class Revision(models.Model):
    """Who had a hand in which version. Written once and never changed.

    `digest` is the fingerprint of the text, marking and audience as they stood. A person named here is a maker of the
    alert, and may not approve it.
    """

    class Deed(models.TextChoices):
        DRAFTED = "drafted", "Drafted"
        EDITED = "edited", "Edited"
        ADDRESSED = "addressed", "Chose who it is for"
        SUBMITTED = "submitted", "Submitted"

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="revisions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now(), editable=False)
    deed = models.CharField(max_length=10, choices=Deed)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.deed} by {self.by_id}"


class Series(models.Model):
    """The last number given in a network and year. Its row is locked while a number is taken: none is given twice."""

    network = models.ForeignKey(Network, models.CASCADE, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "series"
        constraints = [models.UniqueConstraint(fields=["network", "year"], name="one_series_a_network_and_year")]

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"
