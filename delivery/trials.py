"""A test of a webhook: an event of its own type, to that endpoint alone, by the way of every other.

It is a notice to the endpoint's owner, for whom the endpoint speaks, with no letter to anybody. So no inbox shows it,
no figure counts it, no summary lists it and nothing mutes it.
"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Now
from django.urls import reverse

from delivery import bells, hooks, post
from delivery.models import Delivery, Endpoint, Mailing
from delivery.running import TEST
from network.models import Appointment, Membership, Network

AT_MOST = dt.timedelta(minutes=1)  # one test of one endpoint in this time
LASTS = dt.timedelta(hours=1)  # and then nobody waits for it any more
WORDS = "Somebody who leads the agency asked Lantern for this, to see that the webhook works. There is nothing to do."


@transaction.atomic
def send(endpoint: Endpoint) -> Mailing:
    """Owe this endpoint a test, and ring. Raises ValidationError when it no longer works, and within a minute of the
    last: of those who press at once, one is first."""
    row = Endpoint.objects.live().select_for_update(of=("self",)).filter(pk=endpoint.pk).first()
    network = Network.objects.filter(pk__in=_memberships(endpoint).values("network")).order_by("pk").first()
    if row is None or network is None:
        raise ValidationError("This webhook works no longer.")
    if hooks.log(row).filter(hooks.IS_TEST, mailing__released_at__gt=Now() - AT_MOST).exists():
        raise ValidationError("A test was sent less than a minute ago. Wait a moment, then send another.")
    mailing = _mailing(row, network)
    post.enclose_for(mailing=mailing, appointments=_owner(row), ways={Delivery.Channel.WEBHOOK: Q()})
    Mailing.objects.filter(pk=mailing.pk).update(expires_at=Now() + LASTS)
    transaction.on_commit(lambda: bells.ring(mailing.urgency))
    return mailing


def _memberships(endpoint: Endpoint) -> QuerySet[Membership]:
    return Membership.objects.live().filter(agency=endpoint.agency_id).order_by()


def _owner(endpoint: Endpoint) -> QuerySet[Appointment]:
    """The appointment by which the owner leads the agency: one row, also of somebody who has two."""
    held = Appointment.objects.live().filter(
        person=endpoint.owner_id, agency=endpoint.agency_id, role__in=Appointment.LEAD_ROLES
    )
    first = held.filter(pk__in=held.order_by("pk").values("pk")[:1])
    return first.annotate(reason=Value("owner of a webhook that is tested"))


def _mailing(endpoint: Endpoint, network: Network) -> Mailing:
    """Each message belongs to a network, and this one to any that the agency is in: it names none. Somebody waits for
    it, but no alert that cannot wait should have to wait for it."""
    return Mailing(
        kind=Mailing.Kind.NOTICE,
        network=network,
        reference=TEST,
        marking="OFFICIAL",
        subject="This is a test",
        text=WORDS,
        path=reverse("delivery:webhook", args=[endpoint.pk]),
        urgency=Mailing.Urgency.PRIORITY,
    )
