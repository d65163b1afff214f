"""Why somebody may know of an alert, and whether they may read it: `alerts/visibility.py` read again, in Python.

The rule answers for one reader about all alerts; this for all readers about one, and says by which way each comes in.
Both must always agree, person for person: `tests/alerts/test_reasons.py` compares them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from alerts import marking
from alerts.models import Alert, Revision
from delivery.models import Recipient
from network.dates import Moment
from network.models import ApiKey
from network.standing import KEY, Seat, Standing
from network.visibility import INSIDERS, LEADS, RUNNERS, Role

BELONGS = frozenset({KEY, *INSIDERS, *RUNNERS})


class By(StrEnum):
    """The ways in, best first."""

    AUTHOR = "author"
    RUN = "run"
    SENT = "sent"
    WATCH = "watch"
    NATION = "nation"


class Way(NamedTuple):
    """One way in, the role that opens it, and whether the text is open as well; None where nobody can tell."""

    by: By
    seat: Seat
    reads: bool | None


@dataclass(frozen=True)
class Facts:
    """What decides who knows of an alert at a moment: where it stood in its life, and to whom it had been sent."""

    network: UUID
    author: UUID
    is_open: bool
    is_closed_to_overseers: bool | None
    is_released: bool
    is_withdrawn: bool
    people: Mapping[UUID, UUID | None]
    agencies: frozenset[UUID]


def facts_of(alert: Alert, *, at: Moment = None) -> Facts | None:
    """The facts of an alert, now or at a past moment; None before there was one. Two queries for the past, one now."""
    if at and at < alert.created_at:
        return None
    released, withdrawn = _by_then(alert.released_at, at), _by_then(alert.withdrawn_at, at)
    sent = Recipient.objects.filter(mailing=alert.mailing_id).order_by() if released else Recipient.objects.none()
    people = dict(_had_it(sent, at).values_list("person", "agency"))
    is_closed = alert.classification == marking.Classification.SENSITIVE or alert.tlp == marking.Tlp.RED
    return Facts(
        network=alert.network_id,
        author=alert.created_by_id,
        is_open=not marking.withheld(alert.classification, alert.tlp),
        is_closed_to_overseers=None if at and not released and _edited_since(alert, at) else is_closed,
        is_released=released,
        is_withdrawn=withdrawn,
        people=people,
        agencies=frozenset(agency for agency in people.values() if agency),
    )


def _had_it(sent: QuerySet[Recipient], at: Moment) -> QuerySet[Recipient]:
    """Without those who were given it after that moment, because nobody had acknowledged it."""
    return sent.filter(Q(added_at=None) | Q(added_at__lte=at)) if at else sent


def why(facts: Facts, here: Standing) -> list[Way]:
    """The ways by which who stands here may know of it; none when they may not. A national coordinator reads the
    strictest once they have confirmed that it is them."""
    return list(dict.fromkeys([*_makes(facts, here), *_receives(facts, here), *_oversees(facts, here)]))


def _makes(facts: Facts, here: Standing) -> Iterator[Way]:
    if here.person is None:
        return
    for seat in here.rows:
        inside = seat.network == facts.network
        if here.person == facts.author and (seat.role == Role.NATIONAL or (inside and seat.role in {*LEADS, *RUNNERS})):
            yield Way(By.AUTHOR, seat, reads=True)
        if inside and seat.role in RUNNERS:
            yield Way(By.RUN, seat, reads=True)


def _receives(facts: Facts, here: Standing) -> Iterator[Way]:
    """Those it was sent to, while they belong; what is not open, by a signed agreement of this very network only."""
    if not facts.is_released:
        return
    ways = [*_sent(facts, here)] if facts.is_open else []
    ways += _sent(facts, here.agreed.within(facts.network))
    reads = not facts.is_withdrawn and (here.key is None or facts.is_open)
    yield from (Way(By.SENT, seat, reads) for seat in ways)


def _sent(facts: Facts, here: Standing) -> Iterator[Seat]:
    """The roles by which it reached them, if one of their roles reaches the network."""
    if not any(seat.network == facts.network and seat.role in BELONGS for seat in here.rows):
        return
    if here.key:
        granted = ApiKey.Scope.ALERTS in here.key.scopes
        yield from (seat for seat in here.rows if granted and seat.agency in facts.agencies)
    elif here.person and here.person in facts.people:
        agency = facts.people[here.person]
        for seat in here.rows:
            if (agency and seat.agency == agency and seat.role in INSIDERS) or (not agency and seat.role in BELONGS):
                yield seat._replace(agreed=True)


def _oversees(facts: Facts, here: Standing) -> Iterator[Way]:
    closed = facts.is_closed_to_overseers
    for seat in here.rows:
        if seat.role == Role.AUDITOR and seat.network == facts.network:
            yield Way(By.WATCH, seat, reads=None if closed is None else not closed and not facts.is_withdrawn)
        if seat.role == Role.NATIONAL:
            yield Way(By.NATION, seat, reads=not facts.is_withdrawn)


def _by_then(moment: Moment, at: Moment) -> bool:
    return moment is not None and (at is None or moment <= at)


def _edited_since(alert: Alert, at: Moment) -> bool:
    """Whether its marking may have been another then: it can be edited until it is released."""
    return Revision.objects.filter(alert=alert, deed=Revision.Deed.EDITED, at__gt=at).exists()
