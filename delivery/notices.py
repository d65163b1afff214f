"""Telling those who lead an agency of something that they should look at: a mailing like any other."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction

from delivery import audience, post, tasks
from delivery.audience import Choice
from delivery.models import Mailing
from network.models import Agency, Membership

MARKING = "OFFICIAL"


@transaction.atomic
def tell_leads(agency: Agency, *, subject: str, text: str, path: str, but: Collection[UUID] = ()) -> Mailing | None:
    """Owe this notice to the leads and deputies of an agency, except the people in `but`; None when nobody is left.

    `path` is the page in the platform to look at. Call it in the transaction of what it is about. The text must be fit
    to travel in a mail: no name and no place of anybody who is protected.
    """
    place = Membership.objects.live().filter(agency=agency).select_related("network").order_by("pk").first()
    if place is None:
        return None
    rule = audience.save(place.network, Choice(agencies=[agency]))
    told = frozenset(row.person_id for row in audience.named(rule)) - frozenset(but)
    if not told:
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
    sent = post.enclose(mailing=mailing, audience=rule, only=told)
    transaction.on_commit(lambda: tasks.ring(sent.urgency))
    return sent
