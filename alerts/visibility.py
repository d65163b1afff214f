"""Who may know of an alert, and who may read what it says.

To know: its author, its network's coordinators, approvers and auditors, the nation; once it is out, the people it was
released to, while they still speak for the agency it reached them at; and that agency's API keys with the right scope.
To read: the same people, except that who only oversees reads neither OFFICIAL-SENSITIVE nor TLP:RED, an API key nothing
that is withheld, and its readers no longer what was withdrawn.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from alerts import marking
from audit.visible import nothing
from delivery.models import Recipient
from network.models import ApiKey
from network.visibility import LEADS, RUNNERS, Role, holds, own_agencies, own_networks, person_of, run_networks

OPEN = Q(classification=marking.Classification.OFFICIAL, tlp__in=marking.OPEN_LABELS)
# It would take a need to know, and a fresh second factor.
CLOSED_TO_OVERSEERS = Q(classification=marking.Classification.SENSITIVE) | Q(tlp=marking.Tlp.RED)


def sees(reader: Any) -> Q:
    """The alerts whose existence the reader may know of."""
    return makes(reader) | receives(reader) | oversees(reader)


def reads(reader: Any) -> Q:
    """The alerts whose text the reader may read: the one place that decides it. It never exceeds `sees`."""
    received = receives(reader) & (OPEN if isinstance(reader, ApiKey) else Q())
    return makes(reader) | ((received | (oversees(reader) & ~CLOSED_TO_OVERSEERS)) & Q(withdrawn_at=None))


def keeps(person: Any) -> Q:
    """The alerts the person may write, submit and withdraw: those they make, and all for the nation."""
    return makes(person) | (holds(person, Role.NATIONAL) if person_of(person) is not None else nothing())


def makes(reader: Any) -> Q:
    """The reader's own, while they may write for that network; and all of the networks they run."""
    if person_of(reader) is None:
        return nothing()
    may_write = Q(network__in=own_networks(reader, (*LEADS, *RUNNERS))) | holds(reader, Role.NATIONAL)
    return (Q(created_by=reader.pk) & may_write) | Q(network__in=run_networks(reader, RUNNERS))


def receives(reader: Any) -> Q:
    """Those released to the reader, who still belongs to the network and speaks for the agency it reached them at."""
    reached = _rows(reader)
    if reached is None:
        return nothing()
    return Q(mailing__in=reached.values("mailing"), network__in=own_networks(reader), released_at__isnull=False)


def oversees(reader: Any) -> Q:
    """Those the reader knows of only because they watch over the network or the nation."""
    if person_of(reader) is None:
        return nothing()
    return Q(network__in=run_networks(reader, [Role.AUDITOR])) | holds(reader, Role.NATIONAL)


def _rows(reader: Any) -> Any:
    """The recipient rows that are the reader's, or None where they can have none."""
    here = Q(agency__in=own_agencies(reader)) | Q(agency=None)
    if isinstance(reader, ApiKey):
        granted = ApiKey.Scope.ALERTS in reader.scopes
        return Recipient.objects.filter(agency=reader.agency_id) if granted else None
    return Recipient.objects.filter(here, person=reader.pk) if person_of(reader) is not None else None
