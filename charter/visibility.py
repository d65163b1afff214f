"""Who may see what of a council's record.

What a council decided, and the evidence it published, is public. The stage of each commitment is for its own charter
officers, for coordinators and auditors of its networks, and for national coordinators. Notes and private evidence are
for its own charter officers and those auditors only.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from network.visibility import Role, appointments, holds, members_of, run_networks


def everybody(reader: Any) -> Q:  # noqa: ARG001 — the same for everybody
    """The rule of public facts: all of them, signed in or not."""
    return Q()


def kept_agencies(reader: Any) -> QuerySet[Any]:
    """IDs of the agencies whose charter record the reader keeps."""
    # Not `own_agencies`: for an API key that is its agency, and a key is no charter officer.
    return appointments(reader, [Role.CHARTER]).values("agency")


def works_on(reader: Any, council: str = "council") -> Q:
    """Rows of councils whose private record the reader may see; `council` is the way from the row to its council."""
    audited = members_of(run_networks(reader, [Role.AUDITOR]))
    agency = f"{council}__agency__in"
    return Q(**{agency: kept_agencies(reader)}) | Q(**{agency: audited})


def adoptions(reader: Any) -> Q:
    """What was decided, now and earlier: everybody. What was a mistake: its charter officers and auditors."""
    return ~Q(end="corrected") | works_on(reader)


def progress(reader: Any) -> Q:
    """The council's charter officers; coordinators and auditors of its networks; national coordinators."""
    run = members_of(run_networks(reader, [Role.COORDINATOR]))
    return works_on(reader) | Q(council__agency__in=run) | holds(reader, Role.NATIONAL)


def notes(reader: Any) -> Q:
    """The council's charter officers and auditors."""
    return works_on(reader, "progress__council")


def evidence(reader: Any) -> Q:
    """Published: everybody. Private: the council's charter officers and auditors. Removed: nobody."""
    return Q(removed_at=None) & (Q(published_at__isnull=False) | works_on(reader, "progress__council"))
