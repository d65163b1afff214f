"""Listings, and what hangs on them."""

from __future__ import annotations

from uuid import UUID

from tests.oracle.rows import (
    AGENCY_PEOPLE,
    APPROVER,
    AUDITOR,
    COORDINATOR,
    KEY,
    NATIONAL,
    RUN,
    STAFF,
    Reader,
    Row,
    Rule,
)


def listing(reader: Reader, row: Row) -> bool:
    """Each by its own class."""
    return _open(reader, row, row.access)


def contact(reader: Reader, row: Row) -> bool:
    """Never looser than its listing; by its own class besides; and one that names an officer is for fewer."""
    of = reader.world.get("listing", row.listing_id)
    return listing(reader, of) and _open(reader, of, row.access) and (not row.officer or _officer(reader, of))


def hours(reader: Reader, row: Row) -> bool:
    """As its listing."""
    return listing(reader, reader.world.get("listing", row.listing_id))


def place(reader: Reader, row: Row) -> bool:
    """As its listing; of a concealed one nobody sees any."""
    of = reader.world.get("listing", row.listing_id)
    return of.access != "concealed" and listing(reader, of)


def _open(reader: Reader, row: Row, access: str) -> bool:
    """Whether this class, of something that belongs to this listing, is open to the reader."""
    if access == "public":
        return True
    if access == "concealed":
        return _concealed(reader, row)
    if not reader.has_scope("directory"):
        return False
    return {"network": _network, "restricted": _restricted}[access](reader, row)


def _network(reader: Reader, row: Row) -> bool:
    """Live members, coordinators, approvers and auditors of a network its agency is in; its own people, also while it
    joins; the nation; keys."""
    around = reader.world.networks_of(row.agency_id)
    return (
        bool(around & reader.networks(KEY, *AGENCY_PEOPLE, *RUN, AUDITOR))
        or row.agency_id in reader.agencies(*AGENCY_PEOPLE)
        or reader.holds(NATIONAL)
    )


def _restricted(reader: Reader, row: Row) -> bool:
    """Its own staff; coordinators and auditors of its networks; the nation; whom it is shared with."""
    around = reader.world.networks_of(row.agency_id)
    return (
        row.agency_id in reader.agencies(*STAFF)
        or bool(around & reader.networks(COORDINATOR, AUDITOR))
        or reader.holds(NATIONAL)
        or any(_reaches(reader, share) for share in reader.world.some("share", listing_id=row.id))
    )


def _concealed(reader: Reader, row: Row) -> bool:
    """Its own staff, and who holds a live need-to-know grant. No key, and nobody because they run or watch."""
    if reader.person is None:
        return False
    return row.agency_id in reader.agencies(*STAFF) or _granted(reader, row.id)


def _granted(reader: Reader, listing_id: UUID) -> bool:
    """A grant helps staff whose agency has signed an agreement, those who run a network, and the nation. It helps no
    charter officer, report reader, auditor or operator, nobody without an appointment."""
    world = reader.world
    live = [
        grant
        for grant in world.some("grant", user_id=reader.person, content_object_id=listing_id)
        if not world.over(grant.until_at)
    ]
    return bool(live) and reader.holds(*STAFF, COORDINATOR, APPROVER, NATIONAL, agreed=True)


def _reaches(reader: Reader, share: Row) -> bool:
    """A share opens a restricted listing of a live member, and nothing else; once both sides have said yes, until its
    end, for agencies bound by the agreement."""
    world = reader.world
    of = world.get("listing", share.listing_id)
    if of.access != "restricted" or not world.networks_of(of.agency_id):
        return False
    if share.accepted_at is None or share.accepted_at > world.now or world.over(share.until_at):
        return False
    if share.agency_id:
        return share.agency_id in reader.agencies(KEY, *AGENCY_PEOPLE, agreed=True)
    return share.network_id in reader.networks(KEY, *AGENCY_PEOPLE, *RUN, agreed=True)


def _officer(reader: Reader, row: Row) -> bool:
    """Named officers: people of the agency and its networks and who run these; keys with the scope for it; the nation
    with a fresh second factor. Auditors see that there is an entry, masked: so not this."""
    around = reader.world.networks_of(row.agency_id)
    if reader.key is not None:
        return reader.has_scope("contacts") and bool(around & reader.networks(KEY))
    return (
        bool(around & reader.networks(*AGENCY_PEOPLE, *RUN))
        or row.agency_id in reader.agencies(*AGENCY_PEOPLE)
        or (reader.fresh and reader.holds(NATIONAL))
    )


RULES: dict[str, Rule] = {"listing": listing, "contact": contact, "hours": hours, "place": place}
