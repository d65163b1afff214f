"""What is still open for somebody who chose one summary a day: worked out when the summary is about to be sent.

Open is what was sent to them, is of a kind they chose the summary for, was neither withdrawn nor has expired, and may
still be sent to them: alerts until they acknowledge them, and training, which nobody acknowledges, once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.formats import date_format

from accounts.dates import written
from delivery import models
from delivery.channels import Item, Listed
from delivery.entitlement import entitled
from delivery.models import Delivery, Preference, Recipient

NOTHING_OPEN = "Nothing was open any more."
MOST = 50  # lines in one summary; the rest is in the platform

Kind, State = models.Mailing.Kind, Delivery.State


def open_rows() -> QuerySet[Recipient]:
    """The recipient's row of each thing that is open for somebody at this moment."""
    going = Q(mailing__expires_at=None) | Q(mailing__expires_at__gt=Now())
    asked = Preference.objects.filter(
        person=OuterRef("person"),
        kind=OuterRef("mailing__kind"),
        channel=Delivery.Channel.EMAIL,
        choice=Preference.Choice.DIGEST,
    )
    rows = Recipient.objects.filter(going, Exists(asked), acknowledged_at=None, mailing__withdrawn_at=None)
    answered = Q(mailing__kind=Kind.ALERT)
    told_once = Q(mailing__kind=Kind.TRAINING) & ~Q(Exists(_summaries_since()))
    return entitled(rows.filter(answered | told_once))


def fill(items: Iterable[Item], summaries: Mapping[UUID, UUID]) -> list[Item]:
    """The items, and those of summaries with their lists: empty where nothing is open any more. `summaries` are the
    mailings that are such, each with its network. One query."""
    items = list(items)
    people = {item.person for item in items if item.mailing in summaries}
    lists = _lists(open_rows().filter(person__in=people, mailing__network__in=set(summaries.values())))
    return [_filled(item, lists[item.person, summaries.get(item.mailing)]) for item in items]


def _filled(item: Item, found: list[Listed]) -> Item:
    more = len(found) - MOST
    rest = [Listed(f"And {more} more", settings.BASE_URL)] if more > 0 else []
    return item._replace(listed=(*found[:MOST], *rest))


def _lists(rows: QuerySet[Recipient]) -> defaultdict[tuple[UUID, UUID | None], list[Listed]]:
    lists: defaultdict[tuple[UUID, UUID | None], list[Listed]] = defaultdict(list)
    # Alerts before training, the newest first: a mailing's key grows with time.
    for row in rows.select_related("mailing").order_by("mailing__kind", "-mailing_id"):
        lists[row.person_id, row.mailing.network_id].append(_line(row.mailing))
    return lists


def _line(mailing: models.Mailing) -> Listed:
    """Of what may be read only in the platform, marking and reference and nothing else."""
    link = f"{settings.BASE_URL}{mailing.path}"
    if mailing.stays_inside:
        return Listed(f"{mailing.marking}: {mailing.reference}", link)
    at = timezone.localtime(mailing.released_at)
    sent = f"{mailing.reference}, sent on {date_format(at, 'j F Y')} at {written(at)}"  # a course has days of its own
    return Listed(f"{mailing.marking}: {mailing.subject} ({sent})", link)


def _summaries_since() -> QuerySet[Delivery]:
    """Summaries of the same network that reached the person and began after this was released. One that may not have
    arrived does not count: to be told twice is better than not at all."""
    return Delivery.objects.filter(
        recipient__person=OuterRef("person"),
        channel=Delivery.Channel.EMAIL,
        state__in=(State.SENT, State.DELIVERED),
        mailing__kind=Kind.DIGEST,
        mailing__network=OuterRef("mailing__network"),
        mailing__released_at__gt=OuterRef("mailing__released_at"),
    )
