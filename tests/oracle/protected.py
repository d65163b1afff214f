"""What is more private than the listing it hangs on: shares, wishes, covers, grants, safe places, mobiles."""

from __future__ import annotations

from typing import Any

from tests.oracle.directory import contact, listing
from tests.oracle.rows import (
    AGENCY_PEOPLE,
    APPROVER,
    AUDITOR,
    COORDINATOR,
    LEADS,
    NATIONAL,
    STAFF,
    Reader,
    Row,
    Rule,
)


def share(reader: Reader, row: Row) -> bool:
    """All of a listing's for the leads of its agency; of a restricted one's for the coordinators of its networks; and
    what is offered or shared still, for who may answer: leads of the agency, bound by an agreement, or coordinators of
    the network."""
    world, of = reader.world, reader.world.get("listing", row.listing_id)
    if of.agency_id in reader.agencies(*LEADS) or (of.access == "restricted" and _coordinated(reader, of)):
        return True
    still = of.access == "restricted" and not world.over(row.until_at) and bool(world.networks_of(of.agency_id))
    if row.agency_id:
        return still and row.agency_id in reader.agencies(*LEADS, agreed=True)
    return still and row.network_id in reader.networks(COORDINATOR)


def loosening(reader: Reader, row: Row) -> bool:
    """A wish to open a listing or contact that one sees: leads of the agency, coordinators of its networks."""
    of = reader.world.get("listing", row.listing_id)
    theirs = of.agency_id in reader.agencies(*LEADS) or _coordinated(reader, of)
    seen = row.contact_id is None or contact(reader, reader.world.get("contact", row.contact_id))
    return theirs and seen and listing(reader, of)


def cover(reader: Reader, row: Row) -> bool:
    """What a concealed listing is called outside: its agency's staff, coordinators and auditors of its networks."""
    of = reader.world.get("listing", row.listing_id)
    if reader.person is None or of.access != "concealed":
        return False
    around = reader.world.networks_of(of.agency_id)
    return of.agency_id in reader.agencies(*STAFF) or bool(around & reader.networks(COORDINATOR, AUDITOR))


def safe_place(reader: Reader, row: Row) -> bool:
    """That one may ask for it: leads of the agency, and holders of a live grant on it, of a listing that they see and
    that is restricted or concealed. Never a key."""
    of = reader.world.get("listing", row.listing_id)
    if reader.person is None or of.access not in ("restricted", "concealed") or not listing(reader, of):
        return False
    return of.agency_id in reader.agencies(*LEADS) or _held(reader, "safe_place_grant", row.id)


def safe_place_change(reader: Reader, row: Row) -> bool:
    """Leads of the agency."""
    return reader.world.get("listing", row.listing_id).agency_id in reader.agencies(*LEADS)


def grant(reader: Reader, row: Row) -> bool:
    """All for leads of the agency; live ones for coordinators of its networks; one's own while it opens something."""
    of = reader.world.get("listing", row.content_object_id)
    return _grant(reader, row, of, opened=listing(reader, of))


def safe_place_grant(reader: Reader, row: Row) -> bool:
    """The same, for safe places."""
    place = reader.world.get("safe_place", row.content_object_id)
    return _grant(reader, row, reader.world.get("listing", place.listing_id), opened=safe_place(reader, place))


def mobile(reader: Reader, row: Row) -> bool:
    """That one may ask for it, of a contact one sees: one's own; of one's own agency; on call, for people of its
    networks and approvers; all there for coordinators; all for the nation. Never a key."""
    of = reader.world.get("contact", row.contact_id)
    if reader.person is None or not contact(reader, of):
        return False
    agency = reader.world.get("listing", of.listing_id).agency_id
    around = reader.world.networks_of(agency)
    return (
        row.person_id == reader.person
        or agency in reader.agencies(*AGENCY_PEOPLE)
        or (row.on_call and bool(around & reader.networks(*AGENCY_PEOPLE, APPROVER)))
        or bool(around & reader.networks(COORDINATOR))
        or reader.holds(NATIONAL)
    )


def _coordinated(reader: Reader, of: Row) -> bool:
    return bool(reader.world.networks_of(of.agency_id) & reader.networks(COORDINATOR))


def _held(reader: Reader, kind: str, row: Any) -> bool:
    """A live grant, in hands that it helps."""
    held = reader.world.some(kind, user_id=reader.person, content_object_id=row)
    live = any(not reader.world.over(one.until_at) for one in held)
    return live and reader.holds(*STAFF, COORDINATOR, APPROVER, NATIONAL, agreed=True)


def _grant(reader: Reader, row: Row, of: Row, *, opened: bool) -> bool:
    if reader.person is None:
        return False
    if of.agency_id in reader.agencies(*LEADS):
        return True
    return not reader.world.over(row.until_at) and (
        _coordinated(reader, of) or (opened and row.user_id == reader.person)
    )


RULES: dict[str, Rule] = {
    "share": share,
    "loosening": loosening,
    "cover": cover,
    "safe_place": safe_place,
    "safe_place_change": safe_place_change,
    "grant": grant,
    "safe_place_grant": safe_place_grant,
    "mobile": mobile,
}
