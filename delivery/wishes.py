"""What people asked for, heeded: what they turned off, the daily summary, hours of quiet, addresses set aside.

Asked when a message goes in and again when it is about to be sent, so that a message that is tried again at night
waits as well, and nobody is sent what they turned off meanwhile. Email about an alert that cannot wait comes at any
hour, and nobody can turn it off: the press that would do so needs no sign-in. Every step is about a set of rows; nobody
is asked for one by one.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Least, Now

from delivery.fallback import next_way
from delivery.models import Deliveries, Delivery, Mailing, Preference, Quiet, Recipient, SetAside
from delivery.quiet import NOW_QUIET, quiet_until

TURNED_OFF = "The person has turned this off."
IN_SUMMARY = "It is in the daily summary."
ADDRESS_SET_ASIDE = "The address is set aside: messages to it came back."
RESTING = "The person has quiet hours."
LAST_CHANCE = dt.timedelta(minutes=30)  # what would not outlive the quiet hours comes so long before its end

_CAN_WAIT = ~Q(urgency=Mailing.Urgency.IMMEDIATE)
_BY_EMAIL = Q(channel=Delivery.Channel.EMAIL)
_WAKES_SOMEBODY = ~Q(channel=Delivery.Channel.WEBHOOK)  # a system has no night
_their = OuterRef("recipient__person")


def wanted() -> Q:
    """Of deliveries: that nobody has turned them off. Nothing turns off email about an alert that cannot wait."""
    never_off = _BY_EMAIL & Q(urgency=Mailing.Urgency.IMMEDIATE, mailing__kind=Mailing.Kind.ALERT)
    return never_off | ~Q(_chosen(Preference.Choice.OFF))


def may_go() -> Q:
    """Of deliveries: that at this moment nothing the person asked for, and no address set aside, speaks against it."""
    return wanted() & ~_in_summary() & ~_set_aside() & ~_resting()


def heed(mailing: Mailing) -> None:
    """After the rows of a message were written: what somebody does not want is closed, and what can wait does.

    One statement when nobody asked for anything; else some more, the same number for any number of people.
    """
    people = Recipient.objects.filter(mailing=mailing.pk).order_by().values("person")
    asked = Preference.objects.exclude(choice=Preference.Choice.AT_ONCE).filter(kind=mailing.kind, person__in=people)
    hours, gone = Quiet.objects.filter(person__in=people), _gone().filter(person__in=people)
    if Mailing.objects.filter(Exists(asked) | Exists(hours) | Exists(gone), pk=mailing.pk).exists():
        settle(Delivery.objects.filter(mailing=mailing.pk))


@transaction.atomic
def settle(rows: Deliveries) -> None:
    """Of these rows, end those owed that are not wanted, start the next way for those whose address is set aside, and
    put off those that can wait for the end of somebody's quiet hours."""
    owed = rows.owed()
    _anew(owed.exclude(wanted())).close(Delivery.State.SUPPRESSED, TURNED_OFF)
    _anew(owed.filter(_in_summary())).close(Delivery.State.SUPPRESSED, IN_SUMMARY)
    gone = list(owed.filter(_set_aside()).values_list("pk", flat=True))
    if gone:
        Delivery.objects.owed().filter(pk__in=gone).close(Delivery.State.SUPPRESSED, ADDRESS_SET_ASIDE)
        next_way(gone, Delivery.State.SUPPRESSED)
    _put_off(owed.filter(_resting()))


def _chosen(choice: str) -> Exists:
    found = Preference.objects.filter(
        person=_their, kind=OuterRef("mailing__kind"), channel=OuterRef("channel"), choice=choice
    )
    return Exists(found)


def _in_summary() -> Q:
    return _CAN_WAIT & _BY_EMAIL & Q(_chosen(Preference.Choice.DIGEST))


def _gone() -> QuerySet[SetAside]:
    return SetAside.objects.filter(channel=Delivery.Channel.EMAIL, until_at=None, flagged_only=False)


def _set_aside() -> Q:
    """The address is the one the person has now: a new one is tried."""
    return _BY_EMAIL & Q(Exists(_gone().filter(person=_their, address=OuterRef("recipient__person__email"))))


def _resting() -> Q:
    """It can wait until the quiet hours end, or its own end is still some way off."""
    soon = Now() + LAST_CHANCE
    in_time = Q(mailing__deadline_at__gt=soon) & (Q(mailing__expires_at=None) | Q(mailing__expires_at__gt=soon))
    return _CAN_WAIT & _WAKES_SOMEBODY & in_time & Q(Exists(Quiet.objects.filter(NOW_QUIET, person=_their)))


def _put_off(resting: Deliveries) -> None:
    """One statement for each pair of hours that somebody has."""
    begins, ends = "recipient__person__quiet_hours__begins", "recipient__person__quiet_hours__ends"
    hours = resting.order_by().annotate(now=Now()).values_list(begins, ends, "now").distinct()
    for first, last, now in list(hours):
        theirs = resting.filter(**{begins: first, ends: last})
        until = Value(quiet_until(first, last, now), DateTimeField())
        _anew(theirs).update(due_at=Least(until, _last_chance()), detail=RESTING, fence=None, lease_until=None)


def _last_chance() -> Subquery:
    end = Least(F("deadline_at"), Coalesce(F("expires_at"), F("deadline_at")))
    last = ExpressionWrapper(end - LAST_CHANCE, output_field=DateTimeField())
    return Subquery(Mailing.objects.filter(pk=OuterRef("mailing")).order_by().annotate(last=last).values("last"))


def _anew(rows: Deliveries) -> Deliveries:
    """The same rows, their state looked at again by the statement that changes them."""
    return Delivery.objects.owed().filter(pk__in=rows.values("pk"))
