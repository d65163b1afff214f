"""Who is there at a moment, what the people and places are called, and an answer to “who can see this, and why?”.

The packages above say why each person may see a thing of theirs. What is common to all such answers is here: everyone
and where they stand, in a handful of queries however many there are; and which names the one who asks may be told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q

from accounts.models import User
from network import standing
from network.dates import Moment, open_account
from network.models import Agency, ApiKey, Appointment, Network
from network.standing import KEY, Seat, Standing
from network.visibility import LEADS, Role

ELSEWHERE = "Outside your networks"
EVERYWHERE = "All networks"


@dataclass(frozen=True)
class Everyone:
    """The people with an account at a moment, where they stand, the keys that live, and what places are called."""

    people: dict[UUID, str]
    standings: dict[UUID, Standing]
    keys: dict[ApiKey, Standing]
    agencies: dict[UUID, str]
    networks: dict[UUID, str]

    def of(self, person: UUID) -> Standing:
        """Where this person stands; nowhere, but as a person, without a live appointment."""
        return self.standings.get(person) or Standing(person)

    def place(self, seat: Seat) -> str:
        """Where the role is held."""
        if seat.agency:
            return self.agencies.get(seat.agency, "an agency")
        return self.networks.get(seat.network, "a network") if seat.network else EVERYWHERE

    def held(self, seat: Seat) -> str:
        """`Lead of Haven House`, `National coordinator`."""
        role = "API key" if seat.role == KEY else str(Role(seat.role).label)
        return f"{role} of {self.place(seat)}" if seat.agency or seat.network else role


def everyone(*, at: Moment = None) -> Everyone:
    """All of them, now or at a past moment. Five queries."""
    standings = standing.of_everyone(at=at)
    people = User.objects.filter(open_account(at=at), *([Q(joined_at__lte=at)] if at else []))
    return Everyone(
        people=dict(people.values_list("pk", "name")),
        standings=standings,
        keys=_keys(standings, at),
        agencies=dict(Agency.objects.order_by().values_list("pk", "name")),
        networks=dict(Network.objects.order_by().values_list("pk", "name")),
    )


def people(places: Everyone, *, at: Moment) -> Everyone:
    """The people at a past moment, and no keys, with the names of places that are known already. Two queries."""
    found = User.objects.filter(open_account(at=at), joined_at__lte=at).values_list("pk", "name")
    return replace(places, people=dict(found), standings=standing.of_everyone(at=at))


def nobody() -> Everyone:
    """Only what places are called: for the words about somebody whose standing is known. Two queries."""
    agencies, networks = (dict(model.objects.order_by().values_list("pk", "name")) for model in (Agency, Network))
    return Everyone({}, {}, {}, agencies, networks)


@dataclass(frozen=True)
class Known:
    """What the one who asks may hear named: they could read as much elsewhere."""

    asker: UUID | None
    people: frozenset[UUID]
    agencies: frozenset[UUID]
    networks: frozenset[UUID]
    keys: frozenset[UUID]
    reads_all: bool  # who holds a role of the platform is told of all of them

    def names(self, person: UUID, seat: Seat | None) -> bool:
        """Whether they may hear that this person has a part in it, by this role."""
        if person == self.asker:
            return True
        return person in self.people and (seat is None or self.places(seat))

    def places(self, seat: Seat) -> bool:
        """Whether they may hear of the agency or the network where this role is held."""
        if seat.agency:
            return seat.agency in self.agencies
        return seat.network is None or seat.network in self.networks

    def roles(self, seat: Seat) -> bool:
        """Whether they may hear of the very role, and of the network it reaches."""
        if seat.agency is None and seat.network is None:
            return self.reads_all
        return (seat.agency is None or seat.agency in self.agencies) and (
            seat.network is None or seat.network in self.networks
        )


def known_to(by: Any) -> Known:
    """What this person may hear named. Five queries. Who has an appointment that they may see is known to them too."""
    here = standing.of(by)
    appointed = Appointment.objects.visible_to(here).order_by().values("person")
    people_known = User.objects.visible_to(here) | User.objects.filter(pk__in=appointed)
    return Known(
        asker=here.person,
        people=_ids(people_known),
        agencies=_ids(Agency.objects.visible_to(here)),
        networks=_ids(Network.objects.visible_to(here)),
        keys=_ids(ApiKey.objects.visible_to(here)),
        reads_all=here.holds(Role.NATIONAL, Role.OPERATOR),
    )


class Reason(NamedTuple):
    """One way in: the group it counts under, what that is called, and the way in words. `rank` orders the groups."""

    rank: int
    group: str
    heading: str
    words: str
    seat: Seat | None = None

    @property
    def order(self) -> tuple[Any, ...]:
        """The best first."""
        return (self.rank, self.heading, self.words)


def in_words(reasons: Iterable[Reason]) -> list[str]:
    """The ways in words, the best first, none twice."""
    return list(dict.fromkeys(reason.words for reason in sorted(reasons, key=lambda reason: reason.order)))


class Seer(NamedTuple):
    """Somebody who can see it: the name, empty where the asker may not hear it; where they are; and why, best first."""

    name: str
    place: str
    reasons: tuple[Reason, ...]


class Group(NamedTuple):
    """A way in, and how many come by it before any other."""

    key: str
    heading: str
    people: int


@dataclass(frozen=True)
class Answer:
    """Who can see a thing. `open_to_all` stands for everyone who may sign in, who are neither counted nor named."""

    seers: list[Seer] = field(default_factory=list)
    systems: list[Seer] = field(default_factory=list)
    open_to_all: bool = False

    @property
    def groups(self) -> list[Group]:
        """The ways in, each with its people; everyone is counted once, under their best way."""
        counts = Counter(seer.reasons[0].group for seer in self.seers)
        first = {seer.reasons[0].group: seer.reasons[0] for seer in self.seers}
        ordered = sorted(first.values(), key=lambda reason: (reason.rank, reason.heading))
        return [Group(reason.group, reason.heading, counts[reason.group]) for reason in ordered]

    def narrowed(self, words: str = "", group: str = "") -> list[Seer]:
        """Those of one way in, and whose name or place has these words."""
        wanted = words.casefold().split()
        return [seer for seer in self.seers if _fits(seer, wanted, group)]


@dataclass(frozen=True)
class Told:
    """The answer, or in `silence` why there is none."""

    answer: Answer
    silence: str = ""


def answer(
    why: Callable[[Standing], Iterable[Reason]], all_of_them: Everyone, known: Known, *, others: bool = True
) -> Answer:
    """Ask of everyone why they can see it, and tell it as far as the asker may hear. No query.

    Ways through a network that the asker does not know of are left out: what happens there is not theirs to count.
    """
    people = (seer(person, why(all_of_them.of(person)), all_of_them, known) for person in all_of_them.people)
    systems = (_system(key, why(here), all_of_them, known) for key, here in all_of_them.keys.items()) if others else ()
    return Answer(ordered(people), ordered(systems))


def as_known(here: Standing, known: Known) -> Standing:
    """The part of somebody's standing that the asker may hear of; all of it for oneself."""
    if here.person == known.asker:
        return here
    return replace(here, rows=tuple(seat for seat in here.rows if known.roles(seat)))


def leads_or_watches(by: Any, person: User) -> bool:
    """Whether this person may ask what the other sees: oneself always; who leads an agency of theirs, coordinates or
    audits a network of theirs; and the nation. Two queries."""
    here = standing.of(by)
    if here.person is None:
        return False
    theirs = standing.of(person)
    led = here.agencies(*LEADS) & theirs.agencies(*Appointment.AGENCY_ROLES)
    run = here.networks(Role.COORDINATOR, Role.AUDITOR) & theirs.networks(*Role.values)
    return here.person == person.pk or bool(led or run) or here.holds(Role.NATIONAL)


def _keys(standings: dict[UUID, Standing], at: Moment) -> dict[ApiKey, Standing]:
    """The keys that live, and how far they reach: where their owner leads the agency, as a member of a network."""
    alive = (
        Q(created_at__lte=at, expires_at__gt=at) & (Q(ended_at=None) | Q(ended_at__gt=at))
        if at
        else Q(pk__in=ApiKey.objects.live().order_by().values("pk"))
    )
    found = {}
    for key in ApiKey.objects.filter(alive):
        seats = standings.get(key.owner_id, Standing()).rows
        led = [seat for seat in seats if seat.agency == key.agency_id and seat.role in LEADS and seat.network]
        found[key] = Standing(key=key, rows=tuple({seat._replace(role=KEY) for seat in led}))
    return {key: here for key, here in found.items() if here.rows}


def seer(person: UUID, reasons: Iterable[Reason], all_of_them: Everyone, known: Known) -> Seer | None:
    """Somebody and why they can see it, as far as the asker may hear; None if they cannot, or by no way to be told."""
    heard = _told(reasons, known)
    if not heard:
        return None
    seat = heard[0].seat
    place = _place(seat, all_of_them, known)
    named = known.names(person, seat)
    told = tuple(reason for reason in heard if reason.seat is None or known.places(reason.seat))
    return Seer(all_of_them.people[person] if named else "", place, told if named else heard[:1])


def _system(key: ApiKey, reasons: Iterable[Reason], all_of_them: Everyone, known: Known) -> Seer | None:
    heard = _told(reasons, known)
    if not heard:
        return None
    name = f"API key “{key.name}”" if key.pk in known.keys else "An API key"
    return Seer(name, _place(heard[0].seat, all_of_them, known), heard)


def _told(reasons: Iterable[Reason], known: Known) -> tuple[Reason, ...]:
    """The reasons, best first, without those through networks that the asker does not know of."""
    heard = {reason for reason in reasons if not _is_foreign(reason, known)}
    return tuple(sorted(heard, key=lambda reason: reason.order))


def _is_foreign(reason: Reason, known: Known) -> bool:
    prefix, _, network = reason.group.partition(":")
    return prefix in {"network", "run"} and UUID(network) not in known.networks


def _place(seat: Seat | None, all_of_them: Everyone, known: Known) -> str:
    if seat is None:
        return EVERYWHERE
    return all_of_them.place(seat) if known.places(seat) else ELSEWHERE


def ordered(found: Iterable[Seer | None]) -> list[Seer]:
    """By place and name, whose it is first; people without a name after the others, and no place of one's own last."""
    there = [seer for seer in found if seer]
    own = {seer.place for seer in there if seer.reasons[0].rank == 0}
    last = (EVERYWHERE, ELSEWHERE)

    def order(seer: Seer) -> tuple[Any, ...]:
        late = last.index(seer.place) + 1 if seer.place in last else 0
        return (late, seer.place not in own, seer.place, not seer.name, seer.name)

    return sorted(there, key=order)


def _fits(seer: Seer, wanted: list[str], group: str) -> bool:
    text = f"{seer.name} {seer.place}".casefold()
    return (not group or seer.reasons[0].group == group) and all(word in text for word in wanted)


def _ids(rows: Any) -> frozenset[UUID]:
    return frozenset(rows.order_by().values_list("pk", flat=True))
