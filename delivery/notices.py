"""Telling those who lead an agency of something that they should look at: a mailing like any other."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import models, transaction
from django.db.models import QuerySet, Value, Window
from django.db.models.functions import RowNumber

from delivery import post, tasks
from delivery.models import Mailing
from network.models import Agency, Appointment, Membership
from network.visibility import LEADS, Role

MARKING = "OFFICIAL"


@transaction.atomic
def tell_leads(agency: Agency, *, subject: str, text: str, path: str, but: Collection[UUID] = ()) -> Mailing | None:
    """Owe this notice to the leads and deputies of an agency, except the people in `but`; where that leaves nobody, to
    who coordinates its network. None when there is nobody at all.

    `path` is the page in the platform to look at. Call it in the transaction of what it is about. The text must be fit
    to travel in a mail: no name and no place of anybody who is protected.
    """
    place = Membership.objects.live().filter(agency=agency).select_related("network").order_by("pk").first()
    if place is None:
        return None
    live = Appointment.objects.live().exclude(person__in=but)
    leads = _named(live.filter(agency=agency, role__in=LEADS), "lead of ", agency.name)
    runners = _named(live.filter(network=place.network, role=Role.COORDINATOR), "coordinator of ", place.network.name)
    told = leads if leads.exists() else runners
    if not told.exists():
        return None
    mailing = Mailing(
        kind=Mailing.Kind.NOTICE,
        network=place.network,
        reference=f"{place.network.prefix}-NOTICE",
        marking=MARKING,
        subject=subject,
        text=text,
        path=path,
        urgency=Mailing.Urgency.PRIORITY,
    )
    sent = post.enclose_for(mailing=mailing, appointments=told)
    transaction.on_commit(lambda: tasks.ring(sent.urgency))
    return sent


def _named(found: QuerySet[Appointment], role: str, place: str) -> QuerySet[Appointment]:
    """One appointment a person, with the reason."""
    nth = Window(RowNumber(), partition_by="person", order_by="pk")
    return found.annotate(nth=nth, reason=Value(f"{role}{place}", models.TextField())).filter(nth=1)
