"""What a charter officer does: record what their council decided, how far it is, and what shows it.

Every action may be taken by a charter officer of that council only, and raises PermissionDenied for anybody else. A
council that has ended keeps its record as it was: ValidationError.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from audit import trail
from charter.models import Adoption, Commitment, Council, Evidence, Framework, Note, Progress
from network import roles

RIGHT = "charter.record"


@transaction.atomic
def record_adoption(*, council: Council, framework: Framework, by: User, **decision: Any) -> Adoption:
    """Record a decision; an earlier one stays in the history as followed by this one. Returns the new record.

    `decision` is `kind`, `decided_on`, and if known `meeting`, `minutes_url`, `reservations`. Raises ValidationError if
    the day is to come, or before the decision it follows, or a field is not right.
    """
    roles.require(by, RIGHT, council)
    _hold(council)
    earlier = Adoption.objects.filter(council=council, framework=framework, ended_at=None)
    _refuse_earlier(decision["decided_on"], earlier.first())
    _end(earlier, Adoption.End.FOLLOWED)
    made = _written(Adoption(council=council, framework=framework, recorded_by=by, **decision))
    trail.record("adoption.record", council, by=by, kind=made.kind)
    return made


@transaction.atomic
def correct_adoption(*, adoption: Adoption, by: User, **decision: Any) -> Adoption:
    """Put a mistake right: the record is kept, but no longer shown, and this one takes its place. Returns the new one.

    Raises ValidationError if the record is no longer the current one, or as for `record_adoption`.
    """
    roles.require(by, RIGHT, adoption.council)
    _hold(adoption.council)
    _end_one(adoption)
    made = _written(
        Adoption(council=adoption.council, framework_id=adoption.framework_id, recorded_by=by, **decision),
    )
    trail.record("adoption.correct", adoption.council, by=by, kind=made.kind, was=adoption.kind)
    return made


@transaction.atomic
def remove_adoption(*, adoption: Adoption, by: User) -> Adoption:
    """Take away what was recorded by mistake. The row is kept for auditors. ValidationError if it is not current."""
    roles.require(by, RIGHT, adoption.council)
    _hold(adoption.council)
    _end_one(adoption)
    trail.record("adoption.remove", adoption.council, by=by, was=adoption.kind)
    return adoption


@transaction.atomic
def record_progress(
    *, council: Council, commitment: Commitment, stage: str, note: str, reviewed_on: dt.date | None, by: User
) -> Progress:
    """Say how far the council is with a commitment, with a private note. Returns the record.

    Raises ValidationError if the stage is unknown or the day is to come.
    """
    roles.require(by, RIGHT, council)
    _hold(council)
    row = _progress(council, commitment, by)
    row.stage, row.reviewed_on, row.recorded_by, row.recorded_at = stage, reviewed_on, by, timezone.now()
    _refuse_future(reviewed_on, "reviewed_on")
    row.full_clean()
    row.save()
    Note.objects.update_or_create(progress=row, defaults={"text": note})
    trail.record("progress.record", council, by=by, commitment=commitment.number, stage=stage)
    return row


@transaction.atomic
def add_evidence(*, council: Council, commitment: Commitment, title: str, url: str, public: bool, by: User) -> Evidence:
    """Add a link that shows what was done; public at once if asked. Returns it. ValidationError unless https."""
    roles.require(by, RIGHT, council)
    _hold(council)
    made = Evidence(progress=_progress(council, commitment, by), title=title, url=url, added_by=by)
    made.published_at = timezone.now() if public else None
    made.full_clean()
    made.save()
    trail.record("evidence.add", council, by=by, commitment=commitment.number, public=public)
    return made


@transaction.atomic
def publish_evidence(*, evidence: Evidence, by: User) -> Evidence:
    """Let everybody read a link. Pressing twice changes nothing more. Returns it."""
    return _mark(evidence, "evidence.publish", by, published_at=Now())


@transaction.atomic
def withhold_evidence(*, evidence: Evidence, by: User) -> Evidence:
    """Make a published link private again. Returns it."""
    return _mark(evidence, "evidence.withhold", by, published_at=None)


@transaction.atomic
def remove_evidence(*, evidence: Evidence, by: User) -> Evidence:
    """Take a link away from every page. Returns it."""
    return _mark(evidence, "evidence.remove", by, removed_at=Now())


def _mark(evidence: Evidence, verb: str, by: User, **change: Any) -> Evidence:
    council = evidence.progress.council
    roles.require(by, RIGHT, council)
    _hold(council)
    Evidence.objects.filter(pk=evidence.pk, removed_at=None).update(**change)
    trail.record(verb, council, by=by, commitment=evidence.progress.commitment.number)
    evidence.refresh_from_db()
    return evidence


def _progress(council: Council, commitment: Commitment, by: User) -> Progress:
    row, _ = Progress.objects.get_or_create(council=council, commitment=commitment, defaults={"recorded_by": by})
    return row


def _written(adoption: Adoption) -> Adoption:
    _refuse_future(adoption.decided_on, "decided_on")
    adoption.full_clean()
    adoption.save()
    return adoption


def _refuse_earlier(day: dt.date, earlier: Adoption | None) -> None:
    if earlier and day < earlier.decided_on:
        raise ValidationError({"decided_on": "The date must not be before the decision that is already recorded"})


def _end(current: Any, how: Adoption.End) -> int:
    ended: int = current.filter(ended_at=None).update(ended_at=Now(), end=how)
    return ended


def _end_one(adoption: Adoption) -> None:
    if not _end(Adoption.objects.filter(pk=adoption.pk), Adoption.End.CORRECTED):
        raise ValidationError("Somebody has changed this record since you opened it. Look at it again.")


def _hold(council: Council) -> None:
    """Let one officer at a time change the record (SQLite has one writer anyway); refuse if the council has ended."""
    if Council.objects.live().filter(pk=council.pk).select_for_update().first() is None:
        raise ValidationError("This council has ended. Its record is kept as it was.")


def _refuse_future(day: dt.date | None, field: str) -> None:
    if day and day > timezone.localdate():
        raise ValidationError({field: "The date must be today or in the past"})
