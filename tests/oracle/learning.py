"""Training: courses, sessions, places in them."""

from __future__ import annotations

from tests.oracle.rows import AGENCY_PEOPLE, AUDITOR, COORDINATOR, LEADS, NATIONAL, RUN, Reader, Row, Rule


def course(reader: Reader, row: Row) -> bool:
    """Of networks one runs or audits; with a session one was told of, while one belongs; all for the nation."""
    told = any(_told(reader, session) for session in reader.world.some("session", course_id=row.id))
    return (
        row.network_id in reader.networks(*RUN, AUDITOR)
        or (told and row.network_id in reader.networks(*AGENCY_PEOPLE, *RUN))
        or reader.holds(NATIONAL)
    )


def session(reader: Reader, row: Row) -> bool:
    """Who was told of it, while they belong to the network; who runs or audits the network; the nation."""
    network = _network(reader, row.id)
    return (
        (_told(reader, row) and network in reader.networks(*AGENCY_PEOPLE, *RUN))
        or network in reader.networks(*RUN, AUDITOR)
        or reader.holds(NATIONAL)
    )


def joining(reader: Reader, row: Row) -> bool:
    """How to join: who has a place and belongs to the network; its coordinators; the nation."""
    network = _network(reader, row.session_id)
    places = reader.world.some("booking", session_id=row.session_id, cancelled_at=None)
    placed = reader.person is not None and any(place.person_id == reader.person for place in places)
    return (
        (placed and network in reader.networks(*AGENCY_PEOPLE, *RUN))
        or network in reader.networks(COORDINATOR)
        or reader.holds(NATIONAL)
    )


def booking(reader: Reader, row: Row) -> bool:
    """One's own; those from the agencies one leads; those of the networks one coordinates or audits."""
    return (
        (reader.person is not None and row.person_id == reader.person)
        or row.agency_id in reader.agencies(*LEADS)
        or _network(reader, row.session_id) in reader.networks(COORDINATOR, AUDITOR)
    )


def _network(reader: Reader, session_id: object) -> object:
    return reader.world.get("course", reader.world.get("session", session_id).course_id).network_id


def _told(reader: Reader, row: Row) -> bool:
    if reader.person is None or row.mailing_id is None:
        return False
    return bool(reader.world.some("recipient", mailing_id=row.mailing_id, person_id=reader.person))


RULES: dict[str, Rule] = {"course": course, "session": session, "joining": joining, "booking": booking}
