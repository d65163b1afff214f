"""Telling those who lead an agency, or who coordinate a network, of something that they should look at: a mailing like
any other."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q, QuerySet, Value, Window
from django.db.models.functions import Concat, Now, RowNumber

from delivery import adding, bells, post
from delivery.models import Mailing
from network.models import Agency, Appointment, Membership, Network
from network.visibility import LEADS, Role

MARKING = "OFFICIAL"


@transaction.atomic
def tell_leads(
    agency: Agency, *, subject: str, text: str, path: str, but: Collection[UUID] = (), network: Network | None = None
) -> Mailing | None:
    """Owe this notice to the leads and deputies of an agency, except the people in `but`; where that leaves nobody, to
    who coordinates its network. None when there is nobody at all.

    `network` is the one that it is about, where it is about one: it is a notice of that network and no other. `path`
    is the page in the platform to look at. Call it in the transaction of what it is about. The text must be fit to
    travel in a mail: no name and no place of anybody who is protected.
    """
    places = Membership.objects.live().filter(Q(network=network) if network else Q(), agency=agency)
    place = places.select_related("network").order_by("pk").first()
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
    transaction.on_commit(lambda: bells.ring(sent.urgency))
    return sent


@transaction.atomic
def tell_coordinators(notices: Sequence[Mailing]) -> None:
    """Owe these notices, each to who coordinates its network; they are not saved yet, and have reference, subject, text
    and path. They cannot wait, not for the end of anybody's quiet hours either. A network without a coordinator is told
    nothing. The same few statements for any number."""
    live = Appointment.objects.live().filter(role=Role.COORDINATOR)
    run = set(live.filter(network__in=[notice.network_id for notice in notices]).values_list("network", flat=True))
    told = [notice for notice in notices if notice.network_id in run]
    for notice in told:
        notice.kind, notice.urgency, notice.marking = Mailing.Kind.NOTICE, Mailing.Urgency.IMMEDIATE, MARKING
        notice.clean_fields(exclude=["id", "network", "deadline_at", "released_at"])
        notice.released_at, notice.deadline_at = Now(), Now() + post.PATIENCE[Mailing.Urgency.IMMEDIATE]
    if not told:
        return
    Mailing.objects.bulk_create(told)
    ids = [notice.pk for notice in told]
    rows = Mailing.objects.filter(pk__in=ids, network__appointments__in=live.order_by().values("pk")).annotate(
        person=F("network__appointments__person"),
        role=Value(Role.COORDINATOR, models.CharField()),
        reason=Concat(Value("coordinator of "), F("network__name"), output_field=models.TextField()),
    )
    columns = {"mailing": "pk", "person": "person", "role": "role", "reason": "reason"}
    adding.enter(rows, kind=Mailing.Kind.NOTICE, whose=Q(mailing__in=ids), **columns)
    transaction.on_commit(lambda: bells.ring(Mailing.Urgency.IMMEDIATE))


def _named(found: QuerySet[Appointment], role: str, place: str) -> QuerySet[Appointment]:
    """One appointment a person, with the reason."""
    nth = Window(RowNumber(), partition_by="person", order_by="pk")
    return found.annotate(nth=nth, reason=Value(f"{role}{place}", models.TextField())).filter(nth=1)
