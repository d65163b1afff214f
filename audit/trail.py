"""Remembering deeds. The only module that writes to the audit trail."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import models

from audit.models import Entry


def record(verb: str, subject: models.Model, *, by: Any = None, **details: Any) -> Entry:
    """Write one entry for one deed and return it. Call it inside the action's transaction, once.

    `verb` is `noun.verb`. `by` is the person who did it, or None where the platform itself did. The entry is readable
    by those who may read about the subject's network or agency, which are taken from the subject. `details` must be
    fit for JSON, and hold nothing personal: counts, states, identifiers.
    """
    entry = _entry(verb, subject, by, details)
    entry.save(force_insert=True)
    return entry


def record_each(verb: str, told: Iterable[tuple[models.Model, dict[str, Any]]], *, by: Any = None) -> list[Entry]:
    """The same deed, done to several things at once: one entry for each with its own details, in one statement."""
    return Entry.objects.bulk_create([_entry(verb, subject, by, details) for subject, details in told])


def _entry(verb: str, subject: models.Model, by: Any, details: dict[str, Any]) -> Entry:
    return Entry(
        verb=verb,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        subject_name=_name_of(subject),
        actor_id=by.pk if by is not None else None,
        actor_name=str(by)[:200] if by is not None else "",
        network_id=_scope(subject, "network"),
        agency_id=_scope(subject, "agency"),
        concealed=bool(getattr(subject, "is_concealed", False)),
        details=details,
    )


def _name_of(subject: models.Model) -> str:
    """What the trail may call the subject: a row says so itself, because some names must not be known."""
    return str(getattr(subject, "audit_name", ""))[:200]


def _scope(subject: models.Model, kind: str) -> UUID | None:
    if subject._meta.model_name == kind:
        return UUID(str(subject.pk))
    found = getattr(subject, f"{kind}_id", None)
    return UUID(str(found)) if found else None
