"""The charter register: what is public, and the work behind it."""

from __future__ import annotations

from tests.oracle.rows import AUDITOR, CHARTER, COORDINATOR, NATIONAL, Reader, Row, Rule


def everybody(reader: Reader, row: Row) -> bool:
    """What everybody may know."""
    return True


def adoption(reader: Reader, row: Row) -> bool:
    """What was decided: everybody. What was entered by mistake: who keeps the record, and who audits it."""
    return row.end != "corrected" or _keeps(reader, row.council_id)


def progress(reader: Reader, row: Row) -> bool:
    """The stage: who keeps or audits the record, the coordinators of the council's networks, the nation."""
    agency = reader.world.get("council", row.council_id).agency_id
    around = reader.world.networks_of(agency) if agency else set()
    return _keeps(reader, row.council_id) or bool(around & reader.networks(COORDINATOR)) or reader.holds(NATIONAL)


def note(reader: Reader, row: Row) -> bool:
    """Who keeps the record, and who audits it."""
    return _keeps(reader, reader.world.get("progress", row.progress_id).council_id)


def evidence(reader: Reader, row: Row) -> bool:
    """Published: everybody. Private: who keeps or audits the record. Removed: nobody."""
    if row.removed_at is not None:
        return False
    return row.published_at is not None or note(reader, row)


def _keeps(reader: Reader, council_id: object) -> bool:
    agency = reader.world.get("council", council_id).agency_id
    if agency is None:
        return False
    return agency in reader.agencies(CHARTER) or bool(reader.world.networks_of(agency) & reader.networks(AUDITOR))


RULES: dict[str, Rule] = {
    "council": everybody,
    "framework": everybody,
    "commitment": everybody,
    "adoption": adoption,
    "progress": progress,
    "note": note,
    "evidence": evidence,
}
