"""Who may see what of a council's record.

What a council decided, and the evidence it published, is public. The stage of each commitment is for its own charter
officers, for coordinators and auditors of its networks, and for national coordinators. Notes and private evidence are
for its own charter officers and those auditors only.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from audit.visible import all_if
from network import standing
from network.visibility import Role


def everybody(reader: Any) -> Q:  # noqa: ARG001 — the same for everybody
    """The rule of public facts: all of them, signed in or not."""
    return Q()


def works_on(reader: Any, council: str = "council") -> Q:
    """Rows of councils whose private record the reader may see; `council` is the way from the row to its council."""
    here = standing.of(reader)
    audited = standing.members_of(here.networks(Role.AUDITOR))
    agency = f"{council}__agency__in"
    return Q(**{agency: here.agencies(Role.CHARTER)}) | Q(**{agency: audited})


def adoptions(reader: Any) -> Q:
    """What was decided, now and earlier: everybody. What was a mistake: its charter officers and auditors."""
    return ~Q(end="corrected") | works_on(reader)


def progress(reader: Any) -> Q:
    """The council's charter officers; coordinators and auditors of its networks; national coordinators."""
    here = standing.of(reader)
    run = standing.members_of(here.networks(Role.COORDINATOR))
    return works_on(here) | Q(council__agency__in=run) | all_if(here.holds(Role.NATIONAL))


def notes(reader: Any) -> Q:
    """The council's charter officers and auditors."""
    return works_on(reader, "progress__council")


def evidence(reader: Any) -> Q:
    """Published: everybody. Private: the council's charter officers and auditors. Removed: nobody."""
    return Q(removed_at=None) & (Q(published_at__isnull=False) | works_on(reader, "progress__council"))
