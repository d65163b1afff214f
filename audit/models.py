"""The audit trail: one entry for each deed, and the seals over them.

No foreign keys, so that the record outlives what it speaks of. The database refuses to change or delete a row of any of
the first three tables (`audit.append_only`), so what is known of an entry later stands in a table of its own.
"""

from __future__ import annotations

from typing import ClassVar

from django.apps import apps
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format

from audit.visible import VisibleQuerySet
from audit.words import sentence

# Identifiers, which tell a reader nothing.
UNSPOKEN = frozenset({"person", "leaver", "successor", "sheet", "digest", "listing", "share"})


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
    def kind(self) -> str:
        """The same for people: `directory.safeplacechange` reads “safe place change”."""
        try:
            return str(apps.get_model(self.subject_type)._meta.verbose_name)
        except (LookupError, ValueError):  # the trail outlives what it speaks of
            return self.noun

    @property
    def facts(self) -> list[str]:
        """The details in words, without identifiers of people and fingerprints."""
        shown = {name: value for name, value in self.details.items() if name not in UNSPOKEN}
        return [f"{name.replace('_', ' ')}: {_in_words(value)}" for name, value in shown.items()]


class Seal(models.Model):
    """One link of the chain: some entries, in order, and the seal before. Change any of them and `digest` is wrong.

    `root` is the digest of the entries' digests; `previous` is the digest of the seal before, zeros for the first.
    `docs/audit-trail.md` says exactly how each is worked out.
    """

    number = models.BigIntegerField(primary_key=True)
    previous = models.CharField(max_length=64, unique=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    count = models.IntegerField()
    root = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    digest = models.CharField(max_length=64, unique=True)

    objects: ClassVar[VisibleQuerySet[Seal]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(count__gt=0, last=models.F("first") + models.F("count") - 1),
                name="seal_counts_its_entries",
            )
        ]

    def __str__(self) -> str:
        return f"Seal {self.number}"

    @property
    def fingerprint(self) -> str:
        """The digest in groups of four, as people read it to each other."""
        return " ".join(self.digest[at : at + 4] for at in range(0, len(self.digest), 4))


class SealedEntry(models.Model):
    """An entry's place in the chain, given at sealing: IDs are handed out in one order and committed in another.

    `digest` is over the salt, the place and every column of the entry. The salt lets the digest of an entry that a
    reader may not see stand in their export: without it nobody can try out what the entry may say.
    """

    sequence = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, models.DO_NOTHING, db_constraint=False, related_name="sealed")
    salt = models.CharField(max_length=32)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["sequence"]
        verbose_name_plural = "sealed entries"

    def __str__(self) -> str:
        return f"Number {self.sequence}"


class Sweep(models.Model):
    """When the trail was last looked through for entries to seal: one row, which whoever is sealing holds."""

    swept_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_sweep_at_a_time")]

    def __str__(self) -> str:
        return f"Swept at {self.swept_at}"


class SealLetter(models.Model):
    """Which seal was mailed to which auditor on which day: one a day, tried again until the mail server takes it.

    Whoever is sending it holds it until `lease_until`.
    """

    person_id = models.UUIDField()
    on = models.DateField()
    seal = models.ForeignKey(Seal, models.DO_NOTHING, null=True, db_constraint=False, related_name="letters")
    lease_until = models.DateTimeField(db_default=Now())
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "on"], name="one_seal_letter_a_day")]

    def __str__(self) -> str:
        return f"The seal of {self.on}"


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return _day_or_moment(value) if isinstance(value, str) else str(value)


def _day_or_moment(text: str) -> str:
    """A date or a moment as people write it; anything else as it is."""
    try:
        moment, day = parse_datetime(text), parse_date(text)
    except ValueError:
        return text
    if day:
        return date_format(day, "j F Y")
    if moment is None or timezone.is_naive(moment):
        return text
    local = timezone.localtime(moment)
    return f"{date_format(local, 'j F Y')} at {date_format(local, 'g:iA').lower()}"
