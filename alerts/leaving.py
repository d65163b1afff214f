"""Somebody leaves: their drafts, and what they submitted, pass to a successor who may write for the network.

Who had a hand in a version stays written down: a successor who takes over a draft is its author from then on, and
who left stays one of its makers, so neither could approve it. What was sent to the leaver passes to nobody.
"""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts.models import User
from alerts.models import Alert
from network import roles
from network.appointing import Place
from network.leaving import Held
from network.models import Agency, Network


def held(person: User, place: Place, reader: User) -> list[Held]:
    """Their drafts, what they submitted, and what waits for their approval, as far as the reader may see the alerts."""
    seen = Alert.objects.visible_to(reader).filter(pk__in=_written(person, place).values("pk"))
    drafts, waiting = seen.filter(submitted_at=None).count(), seen.filter(submitted_at__isnull=False).count()
    to_approve = _to_approve(person, place, reader) if isinstance(place, Network) else 0
    return [
        Held("Draft alerts", drafts, "Pass to a successor who may draft", reverse("alerts:section", args=["drafts"])),
        Held("Alerts they submitted", waiting, "Pass to a successor who may draft; approvers can still release them"),
        Held("Alerts awaiting their approval", to_approve, "Stay with the network’s other approvers"),
    ]


def hand_over(leaver: User, successor: User, place: Place) -> dict[str, int]:
    """The alerts not released yet, if the successor may write for the network: else they stay with who runs it."""
    mine = list(_written(leaver, place).select_related("network"))
    taken = [alert.pk for alert in mine if roles.may(successor, "alert.draft", alert.network)]
    return {"alerts": Alert.objects.filter(pk__in=taken).update(created_by=successor)}


def _written(person: User, place: Place) -> QuerySet[Alert]:
    there = Q(agency=place) if isinstance(place, Agency) else Q(agency=None, network=place)
    return Alert.objects.filter(there, created_by=person, released_at=None)


def _to_approve(person: User, place: Network, reader: User) -> int:
    if not roles.may(person, "alert.approve", place):
        return 0
    waiting = Alert.objects.visible_to(reader).awaiting().filter(network=place)
    return waiting.exclude(revisions__by=person).count()
