"""Alerts that nobody acknowledges: who is told how far one has gone on, whom a coordinator is to call, who called."""

from __future__ import annotations

from typing import Any

from tests.oracle import alerts
from tests.oracle.rows import APPROVER, AUDITOR, COORDINATOR, LEADS, Reader, Row, Rule, World

CALL = 3


def step(reader: Reader, row: Row) -> bool:
    """How far it has gone on for an agency: who follows how it fares with everyone; of an alert that they may know of,
    the agency's own leads."""
    alert = reader.world.get("alert", row.alert_id)
    its_leads = row.agency_id in reader.agencies(*LEADS) and alerts.alert(reader, alert)
    return alerts.follows(reader, alert) or its_leads


def call(reader: Reader, row: Row) -> bool:
    """That somebody called an agency: who runs or audits the network."""
    return _watched(reader, reader.world.get("alert", row.alert_id))


def ladder(reader: Reader, row: Row) -> bool:
    """After how many minutes a network's alerts go on: who runs or audits it."""
    return _watched(reader, row)


def listed(reader: Reader) -> set[Any]:
    """The steps that say whom to call, of those the reader is told of: the alert holds, the agency does not have it,
    and it may still have it."""
    rows = [row for row in reader.world.all("step") if row.kind == CALL and step(reader, row)]
    return {row.id for row in rows if _stands(reader.world, row)}


def to_call(reader: Reader) -> set[Any]:
    """Of these, what waits for the reader: of a network they coordinate, where the last note that stands is not that
    somebody was reached."""
    world = reader.world
    return {
        one
        for one in listed(reader)
        if world.get("alert", world.get("step", one).alert_id).network_id in reader.networks(COORDINATOR)
        and not _is_reached(world, world.get("step", one))
    }


def _watched(reader: Reader, row: Row) -> bool:
    return row.network_id in reader.networks(COORDINATOR, APPROVER, AUDITOR)


def _stands(world: World, row: Row) -> bool:
    alert = world.get("alert", row.alert_id)
    if alert.released_at is None or alert.withdrawn_at is not None or world.over(alert.expires_at):
        return False
    mailing = world.get("mailing", alert.mailing_id)
    bound = not mailing.withheld or world.has_signed(row.agency_id, mailing.network_id)
    is_member = mailing.network_id in world.networks_of(row.agency_id)
    return bound and is_member and not _has_it(world, row.agency_id, mailing)


def _has_it(world: World, agency: Any, mailing: Row) -> bool:
    """A lead or deputy to whom it was sent for this agency, as such, acknowledged it."""
    sent = world.some("recipient", mailing_id=mailing.id, agency_id=agency)
    return any(one.acknowledged_at is not None and one.role in LEADS for one in sent)


def _is_reached(world: World, row: Row) -> bool:
    notes = world.some("call", alert_id=row.alert_id, agency_id=row.agency_id, taken_back_at=None)
    return bool(notes) and max(notes, key=lambda one: (one.at, one.id)).outcome == "reached"


RULES: dict[str, Rule] = {"step": step, "call": call, "ladder": ladder}
