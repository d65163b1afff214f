"""Networks, agencies, the people who speak for them, the papers between them, keys, and the trail."""

from __future__ import annotations

from uuid import UUID

from tests.oracle.rows import (
    AGENCY_PEOPLE,
    APPROVER,
    AUDITOR,
    CHARTER,
    COORDINATOR,
    KEY,
    LEADS,
    NATIONAL,
    OPERATOR,
    REPORTS,
    RUN,
    Reader,
    Row,
    Rule,
    World,
)


def network(reader: Reader, row: Row) -> bool:
    """One's own, those one reports on or audits; all for the nation and for operators."""
    own = reader.networks(KEY, *AGENCY_PEOPLE, COORDINATOR, APPROVER, REPORTS, AUDITOR)
    return row.id in own or reader.holds(NATIONAL, OPERATOR)


def agency(reader: Reader, row: Row) -> bool:
    """One's own, also while it joins; live members of one's networks; those joining, for who runs the network; all for
    the nation."""
    world = reader.world
    coming = {one.network_id for one in world.some("membership", agency_id=row.id) if world.is_joining(one)}
    return (
        row.id in reader.agencies(*AGENCY_PEOPLE)
        or bool(world.networks_of(row.id) & reader.networks(KEY, *AGENCY_PEOPLE, *RUN, AUDITOR))
        or bool(coming & reader.networks(*RUN))
        or reader.holds(NATIONAL)
    )


def _near(reader: Reader, appointment: Row) -> bool:
    """Whether an appointment is in one's agency, in an agency of one's networks, or in these networks themselves."""
    own = reader.networks(*AGENCY_PEOPLE, *RUN, AUDITOR)
    if appointment.agency_id:
        around = reader.world.networks_of(appointment.agency_id)
        return bool(around & own) or appointment.agency_id in reader.agencies(*AGENCY_PEOPLE)
    return appointment.network_id is not None and appointment.network_id in own


def person(reader: Reader, row: Row) -> bool:
    """Oneself; who speaks for or runs one's own networks today; all for the nation and for operators."""
    if reader.person is None:
        return False
    world = reader.world
    today = row.is_active and any(
        world.in_date(one) and _near(reader, one) for one in world.some("appointment", person_id=row.id)
    )
    return row.id == reader.person or today or reader.holds(NATIONAL, OPERATOR)


def appointment(reader: Reader, row: Row) -> bool:
    """One's own; those near; all for the nation and for operators."""
    if reader.person is None:
        return False
    return row.person_id == reader.person or _near(reader, row) or reader.holds(NATIONAL, OPERATOR)


def membership(reader: Reader, row: Row) -> bool:
    """Of one's own agencies; of the networks one runs or audits; all for the nation."""
    return (
        row.agency_id in reader.agencies(*AGENCY_PEOPLE)
        or row.network_id in reader.networks(*RUN, AUDITOR)
        or reader.holds(NATIONAL)
    )


def agreement(reader: Reader, row: Row) -> bool:
    """Of the networks one's agency is a live member of or is joining, and of those one runs or audits; for ever those
    that one's agency signed."""
    world, mine = reader.world, reader.agencies(*AGENCY_PEOPLE)
    asked = {one.network_id for one in world.all("membership") if one.agency_id in mine and world.is_joining(one)}
    signed = any(one.agency_id in mine for one in world.some("signature", agreement_id=row.id))
    own = reader.networks(*AGENCY_PEOPLE, *RUN, AUDITOR)
    return row.network_id in asked | own or signed or reader.holds(NATIONAL)


def signature(reader: Reader, row: Row) -> bool:
    """One's own agency's; those in the networks one runs or audits."""
    of = reader.world.get("agreement", row.agreement_id)
    return (
        row.agency_id in reader.agencies(*AGENCY_PEOPLE)
        or of.network_id in reader.networks(*RUN, AUDITOR)
        or reader.holds(NATIONAL)
    )


def invitation(reader: Reader, row: Row) -> bool:
    """To one's agency, for its leads (and for charter officers, to be one); to the agencies of one's networks, also
    while they join, for coordinators; into a network, for who runs it, the nation and operators."""
    if row.agency_id:
        officer = row.role == CHARTER and row.agency_id in reader.agencies(CHARTER)
        return row.agency_id in reader.agencies(*LEADS) or officer or _coordinates(reader, row.agency_id)
    return row.network_id in reader.networks(*RUN) or reader.holds(NATIONAL, OPERATOR)


def handover(reader: Reader, row: Row) -> bool:
    """To and from oneself; in the agencies one leads; in the networks one coordinates and their agencies; of roles in
    networks also for the nation and operators."""
    if reader.person is None:
        return False
    if reader.person in (row.leaver_id, row.successor_id):
        return True
    if row.agency_id:
        return row.agency_id in reader.agencies(*LEADS) or _coordinates(reader, row.agency_id)
    return row.network_id in reader.networks(COORDINATOR) or reader.holds(NATIONAL, OPERATOR)


def _coordinates(reader: Reader, agency_id: UUID) -> bool:
    """Whether the reader coordinates a network of which the agency is a live member, or which it is joining."""
    world = reader.world
    coming = {one.network_id for one in world.some("membership", agency_id=agency_id) if world.is_joining(one)}
    return bool((world.networks_of(agency_id) | coming) & reader.networks(COORDINATOR))


def suspension(reader: Reader, row: Row) -> bool:
    """Why an agency was suspended: its network's coordinators only."""
    return reader.world.get("membership", row.membership_id).network_id in reader.networks(COORDINATOR)


def succession(reader: Reader, row: Row) -> bool:
    """A plan by which agencies follow each other: who runs the network; the leads of the agencies in it."""
    parties = {one.agency_id for one in reader.world.some("party", succession_id=row.id)}
    return row.network_id in reader.networks(*RUN) or bool(parties & reader.agencies(*LEADS))


def party(reader: Reader, row: Row) -> bool:
    """An agency in a plan: as the plan."""
    return succession(reader, reader.world.get("succession", row.succession_id))


def key(reader: Reader, row: Row) -> bool:
    """Of the agencies one leads."""
    return row.agency_id in reader.agencies(*LEADS)


def entry(reader: Reader, row: Row) -> bool:
    """One's own deeds. Leads: what concerns their agency. Auditors: what concerns their networks and the agencies in
    them. Charter officers, coordinators and the nation: the same for theirs, but nothing of what is concealed."""
    if reader.person is None:
        return False
    if row.actor_id == reader.person:
        return True
    # What was done in one network is not read in the other, though the agency is in both.
    around = reader.world.networks_of(row.agency_id) if row.agency_id and not row.network_id else set()
    whole = (
        row.agency_id in reader.agencies(*LEADS)
        or row.network_id in reader.networks(AUDITOR)
        or bool(around & reader.networks(AUDITOR))
    )
    partly = (
        row.agency_id in reader.agencies(CHARTER)
        or row.network_id in reader.networks(COORDINATOR)
        or bool(around & reader.networks(COORDINATOR))
        or reader.holds(NATIONAL)
    )
    return whole or (partly and not row.concealed)


def key_lives(world: World, row: Row) -> bool:
    """Whether a key opens anything: neither ended nor expired, its agency a live member of a network, its owner's
    account open and still a lead of the agency."""
    owner = Reader(world, person=row.owner_id)
    leads = {seat.agency for seat in owner.seats if seat.role in LEADS and seat.network}
    return row.ended_at is None and not world.over(row.expires_at) and row.agency_id in leads


RULES: dict[str, Rule] = {
    "network": network,
    "agency": agency,
    "person": person,
    "appointment": appointment,
    "membership": membership,
    "agreement": agreement,
    "signature": signature,
    "invitation": invitation,
    "handover": handover,
    "suspension": suspension,
    "succession": succession,
    "party": party,
    "key": key,
    "entry": entry,
}
