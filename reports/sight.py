"""What one person can see, and by which roles: for who leads them, who watches over their network, and themselves."""

from __future__ import annotations

from typing import Any

from django.db.models import Count

from accounts.models import User
from alerts.models import Alert
from directory import sight as directory
from network import sight, standing
from network.dates import Moment, in_force
from network.models import Appointment


def of_person(person: User, *, by: Any, at: Moment = None) -> dict[str, Any]:
    """The page's facts: the roles then, and unless it is about the past, what they open now. Never more than the asker
    can see themselves, not even in a number. Ask first with `network.sight.leads_or_watches`."""
    roles = Appointment.objects.visible_to(by).filter(in_force(at=at), person=person)
    found: dict[str, Any] = {
        "roles": list(roles.select_related("agency", "network", "covers").order_by("from_at", "pk")),
        "at": at,
    }
    if at is None:
        found["directory"] = directory.of_person(person, by=by)
        found |= _alerts(person, by)
    return found


def _alerts(person: User, by: Any) -> dict[str, Any]:
    """The alerts that both may know of, by network, and how many of them the person may read."""
    here = sight.as_known(standing.of(person), sight.known_to(by))
    theirs = Alert.objects.visible_to(here)
    both = Alert.objects.visible_to(by).filter(pk__in=theirs.order_by().values("pk"))
    readable = Alert.objects.filter(pk__in=both.order_by().values("pk")).readable_by(here)
    return {
        "known_alerts": list(both.order_by("network__name").values_list("network__name").annotate(number=Count("pk"))),
        "readable": readable.count(),
    }
