"""The audit trail: one entry for each deed. No foreign keys, so that the record outlives what it speaks of."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from audit.visible import VisibleQuerySet
from audit.words import sentence


class Entry(models.Model):
    """One deed: who did what, to what, when. It is written once and never changed.

    `actor_id` is null where the platform itself did it. `network_id` and `agency_id` say who may read the entry.
    `concealed` marks an entry about something whose existence is secret: only its agency's leads and auditors read it.
    `details` holds counts, states and identifiers: never a message's text, an address or a telephone number.
    """

    at = models.DateTimeField(db_default=Now())
    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    subject_name = models.CharField(max_length=200, blank=True)
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200, blank=True)
    network_id = models.UUIDField(null=True)
    agency_id = models.UUIDField(null=True)
    concealed = models.BooleanField(default=False)
    details = models.JSONField(default=dict, blank=True)

    objects: ClassVar[VisibleQuerySet[Entry]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "entries"
        indexes = [
            models.Index(fields=["network_id", "-id"], name="entry_by_network"),
            models.Index(fields=["agency_id", "-id"], name="entry_by_agency"),
            models.Index(fields=["subject_type", "subject_id"], name="entry_by_subject"),
            models.Index(fields=["actor_id", "-id"], name="entry_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.subject_type} {self.subject_id}"

    @property
    def sentence(self) -> str:
        """The deed in words: `alert.release` reads “released an alert”."""
        return sentence(self.verb)

    @property
    def noun(self) -> str:
        """What kind of thing it was done to: `directory.listing` reads “listing”."""
        return self.subject_type.rpartition(".")[2]

    @property
    def facts(self) -> list[str]:
        """The details in words, without identifiers of people and fingerprints."""
        shown = {name: value for name, value in self.details.items() if name not in {"person", "sheet", "digest"}}
        return [f"{name.replace('_', ' ')}: {_in_words(value)}" for name, value in shown.items()]


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
