"""Plain rows, who reads them, and how far their live appointments reach."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

MEMBER, LEAD, DEPUTY, CHARTER = "member", "lead", "deputy", "charter"
COORDINATOR, APPROVER, REPORTS, AUDITOR = "coordinator", "approver", "reports", "auditor"
NATIONAL, OPERATOR = "national", "operator"
KEY = "an API key"

STAFF = {MEMBER, LEAD, DEPUTY}  # who handle the agency's cases
LEADS = {LEAD, DEPUTY}
AGENCY_PEOPLE = {*STAFF, CHARTER}
RUN = {COORDINATOR, APPROVER}


class Row(dict[str, Any]):
    """One row, its columns also as attributes: `row.until_at`, `row.agency_id`."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError as missing:
            raise AttributeError(name) from missing


@dataclass
class World:
    """Every row there is, by kind, at one moment."""

    now: dt.datetime
    kinds: dict[str, dict[Any, Row]] = field(default_factory=dict)

    def all(self, kind: str) -> Iterable[Row]:
        """The rows of a kind; none of a kind that does not exist."""
        return self.kinds.get(kind, {}).values()

    def get(self, kind: str, row: Any) -> Row:
        """One row."""
        return self.kinds[kind][row]

    def some(self, kind: str, **columns: Any) -> list[Row]:
        """The rows of a kind with these values."""
        return [row for row in self.all(kind) if all(row[name] == value for name, value in columns.items())]

    # ── Dates ─────────────────────────────────────────────────────────────────────────────────────────────────────────
    def in_date(self, row: Row) -> bool:
        """Begun, and not ended: the end itself is outside."""
        return row.from_at is not None and row.from_at <= self.now and not self.over(row.until_at)

    def over(self, moment: dt.datetime | None) -> bool:
        """Whether an end has come."""
        return moment is not None and moment <= self.now

    # ── What counts ───────────────────────────────────────────────────────────────────────────────────────────────────
    def network_lives(self, network: UUID) -> bool:
        return not self.over(self.get("network", network).ended_at)

    def membership_lives(self, row: Row) -> bool:
        """In date, not suspended, of a network that has not ended."""
        return self.in_date(row) and not self.over(row.suspended_at) and self.network_lives(row.network_id)

    def is_joining(self, row: Row) -> bool:
        """Asked to come in, not yet begun, not given up."""
        return row.from_at is None and row.until_at is None and self.network_lives(row.network_id)

    def members(self, networks: Iterable[UUID]) -> set[UUID]:
        """Agencies that are live members of any of these networks."""
        return {agency for network in set(networks) for agency in self._members.get(network, ())}

    def networks_of(self, agency: UUID) -> set[UUID]:
        """Networks in which the agency is a live member."""
        return {network for network, agencies in self._members.items() if agency in agencies}

    def has_signed(self, agency: UUID, network: UUID) -> bool:
        """Whether the agency signed an agreement of that network that is in force."""
        return (agency, network) in self._signed

    @cached_property
    def _members(self) -> dict[UUID, set[UUID]]:
        found: dict[UUID, set[UUID]] = {}
        for row in self.all("membership"):
            if self.membership_lives(row):
                found.setdefault(row.network_id, set()).add(row.agency_id)
        return found

    @cached_property
    def _signed(self) -> set[tuple[UUID, UUID]]:
        agreements = {row.id: row.network_id for row in self.all("agreement") if self.in_date(row)}
        return {
            (row.agency_id, agreements[row.agreement_id])
            for row in self.all("signature")
            if row.agreement_id in agreements
        }


class Seat(NamedTuple):
    """One live appointment as far as it reaches one network. No network: a platform role, or an agency that joins."""

    role: str
    agency: UUID | None
    network: UUID | None
    agreed: bool


@dataclass
class Reader:
    """Who asks: a person (with or without a second factor given just now), a key, or nobody."""

    world: World
    person: UUID | None = None
    key: Row | None = None
    fresh: bool = False

    @cached_property
    def seats(self) -> list[Seat]:
        """The union of the live appointments of a person whose account is open; for a key its agency's networks."""
        if self.key is not None:
            return [
                Seat(KEY, self.key.agency_id, network, self.world.has_signed(self.key.agency_id, network))
                for network in self.world.networks_of(self.key.agency_id)
            ]
        if self.person is None or not self.world.get("person", self.person).is_active:
            return []
        mine = [row for row in self.world.some("appointment", person_id=self.person) if self.world.in_date(row)]
        return [seat for row in mine for seat in self._seats_of(row)]

    def _seats_of(self, row: Row) -> Iterable[Seat]:
        world = self.world
        if row.agency_id:
            for network in world.networks_of(row.agency_id):
                yield Seat(row.role, row.agency_id, network, world.has_signed(row.agency_id, network))
            # While it joins it sees nothing of the network, so nothing that rests on the network's agreement either.
            if any(world.is_joining(one) for one in world.some("membership", agency_id=row.agency_id)):
                yield Seat(row.role, row.agency_id, None, False)
        elif row.network_id:
            if world.network_lives(row.network_id):
                yield Seat(row.role, None, row.network_id, True)
        else:
            yield Seat(row.role, None, None, True)

    def agencies(self, *roles: str, agreed: bool = False) -> set[UUID]:
        """Agencies spoken for in one of these roles; `agreed`: only those bound by an agreement."""
        return {s.agency for s in self._in(roles, agreed) if s.agency}

    def networks(self, *roles: str, agreed: bool = False) -> set[UUID]:
        """Networks reached in one of these roles."""
        return {s.network for s in self._in(roles, agreed) if s.network}

    def holds(self, *roles: str, agreed: bool = False) -> bool:
        """Whether one of these roles is held at all."""
        return bool(self._in(roles, agreed))

    def has_scope(self, scope: str) -> bool:
        """Whether a key was issued for this. People need no scope."""
        return self.key is None or scope in self.key.scopes

    def _in(self, roles: Iterable[str], agreed: bool) -> list[Seat]:
        return [seat for seat in self.seats if seat.role in roles and (seat.agreed or not agreed)]


Rule = Callable[[Reader, Row], bool]
