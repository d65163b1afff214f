"""The daily summary goes in: one mailing for a network and a day in London, to those for whom something is open.

What stands in it is worked out for each when it is sent (`delivery.digests`). Any number of beats may ask for it: the
database lets one row be written for a network and a day.
"""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from delivery import audience, digests, post
from delivery.audience import STRENGTH, Choice
from delivery.models import Mailing
from delivery.quiet import LONDON
from network.models import Network

MARKING = "OFFICIAL TLP:GREEN"  # the strictest of what may be listed in it by more than its reference


def make_all() -> list[Mailing]:
    """Today's summaries that were not made yet, of every network."""
    today = timezone.localdate()
    return [made for network in Network.objects.live() if (made := make(network, today))]


def make(network: Network, day: dt.date) -> Mailing | None:
    """Owe the summary of this day to everybody who chose one and for whom something is open; None where that is
    nobody, or it was made already."""
    whose = digests.open_rows().filter(mailing__network=network)
    if _made(network, day) or not whose.exists():
        return None
    try:
        with transaction.atomic():
            rule = audience.save(network, Choice(everyone=True, roles=[role.value for role in STRENGTH]))
            return post.enclose(mailing=_mailing(network, day), audience=rule, only=whose.order_by().values("person"))
    except (IntegrityError, ValidationError):
        if _made(network, day):  # another beat was faster
            return None
        raise


def _made(network: Network, day: dt.date) -> bool:
    of_the_day = Mailing.objects.filter(kind=Mailing.Kind.DIGEST, network=network, reference=_reference(network, day))
    return of_the_day.exists()


def _reference(network: Network, day: dt.date) -> str:
    return f"{network.prefix}-SUM-{day:%Y%m%d}"


def _mailing(network: Network, day: dt.date) -> Mailing:
    return Mailing(
        kind=Mailing.Kind.DIGEST,
        network=network,
        reference=_reference(network, day),
        marking=MARKING,
        subject=f"Daily summary, {day.day} {day:%B %Y}",
        text="This is still open for you:",
        path=reverse("home"),
        urgency=Mailing.Urgency.ROUTINE,
        expires_at=dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0), LONDON),  # then comes the next
    )
