"""Ways to reach people, what they asked for, and how each message went."""

from __future__ import annotations

from collections.abc import Iterable

from tests.oracle.alerts import recipient
from tests.oracle.rows import AGENCY_PEOPLE, COORDINATOR, LEADS, Reader, Row, Rule, World


def own(reader: Reader, row: Row) -> bool:
    """One's own, and nobody else's."""
    return reader.person is not None and row.person_id == reader.person


def set_aside(reader: Reader, row: Row) -> bool:
    """An address that does not work: one's own; that of somebody who speaks for an agency one leads; that of a lead of
    an agency in a network one coordinates."""
    world = reader.world
    looked_after = _speaks_for(world, row.person_id) & reader.agencies(*LEADS)
    run = _speaks_for(world, row.person_id, LEADS) & world.members(reader.networks(COORDINATOR))
    return own(reader, row) or bool(looked_after or run)


def endpoint(reader: Reader, row: Row) -> bool:
    """A webhook: those of the agencies one leads."""
    return row.agency_id in reader.agencies(*LEADS)


def delivery(reader: Reader, row: Row) -> bool:
    """How a message went by one way: as whom it was for."""
    return recipient(reader, reader.world.get("recipient", row.recipient_id))


def report(reader: Reader, row: Row) -> bool:
    """What came back about it: the same."""
    return delivery(reader, reader.world.get("delivery", row.delivery_id))


def _speaks_for(world: World, person: object, roles: Iterable[str] = AGENCY_PEOPLE) -> set[object]:
    """The live members for which this person, whose account is open, holds an appointment in force."""
    if not world.get("person", person).is_active:
        return set()
    held = [row for row in world.some("appointment", person_id=person) if row.role in roles and world.in_date(row)]
    return {row.agency_id for row in held if world.networks_of(row.agency_id)}


RULES: dict[str, Rule] = {
    "number": own,
    "preference": own,
    "quiet_hours": own,
    "set_aside": set_aside,
    "endpoint": endpoint,
    "delivery": delivery,
    "report": report,
}
