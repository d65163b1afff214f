"""Alerts: who knows of one, who reads it, and who is told that it went to whom."""

from __future__ import annotations

from tests.oracle.rows import (
    AGENCY_PEOPLE,
    APPROVER,
    AUDITOR,
    COORDINATOR,
    KEY,
    LEADS,
    NATIONAL,
    RUN,
    Reader,
    Row,
    Rule,
)


def alert(reader: Reader, row: Row) -> bool:
    """To know of it: who makes it, who watches over the network or the nation, and whom it reached."""
    return follows(reader, row) or _reached(reader, row)


def follows(reader: Reader, row: Row) -> bool:
    """To know how it fares with everyone: who makes it, and who watches over the network or the nation."""
    return _makes(reader, row) or _watches(reader, row)


def alert_text(reader: Reader, row: Row) -> bool:
    """To read it: the same, but auditors nothing OFFICIAL-SENSITIVE and nothing RED, the nation these with a fresh
    factor only, keys nothing that stays behind sign-in, and who does not make it nothing that was withdrawn."""
    if _makes(reader, row):
        return True
    if row.withdrawn_at is not None:
        return False
    if _reached(reader, row) and (reader.key is None or _travels(row)):
        return True
    grave = row.classification != "OFFICIAL" or row.tlp == "RED"
    audits = row.network_id in reader.networks(AUDITOR) and not grave
    nation = reader.holds(NATIONAL) and (reader.fresh or not grave)
    return audits or nation


def recipient(reader: Reader, row: Row) -> bool:
    """One's own row; of alerts and training notices those of the agencies one leads, and of the networks one runs or
    audits."""
    mailing = reader.world.get("mailing", row.mailing_id)
    if reader.person is not None and row.person_id == reader.person:
        return True
    looks_after = row.agency_id in reader.agencies(*LEADS)
    watches = mailing.network_id in reader.networks(COORDINATOR, APPROVER, AUDITOR)
    return mailing.kind in ("alert", "training") and (looks_after or watches)


def _travels(row: Row) -> bool:
    return row.classification == "OFFICIAL" and row.tlp in ("CLEAR", "GREEN")


def _makes(reader: Reader, row: Row) -> bool:
    """Its author, while they may still write for that network; and who runs the network."""
    if reader.person is None:
        return False
    writes = row.network_id in reader.networks(*LEADS, *RUN) or reader.holds(NATIONAL)
    return (row.created_by_id == reader.person and writes) or row.network_id in reader.networks(*RUN)


def _watches(reader: Reader, row: Row) -> bool:
    return row.network_id in reader.networks(AUDITOR) or reader.holds(NATIONAL)


def _reached(reader: Reader, row: Row) -> bool:
    """Released to the reader, who still belongs to the network and speaks for the agency it reached them at. What is
    stricter than OFFICIAL and GREEN needs that agency's signature under the network's agreement."""
    if row.released_at is None or row.mailing_id is None:
        return False
    if row.network_id not in reader.networks(KEY, *AGENCY_PEOPLE, *RUN):
        return False
    return any(_mine(reader, row, one) for one in reader.world.some("recipient", mailing_id=row.mailing_id))


def _mine(reader: Reader, row: Row, one: Row) -> bool:
    if reader.key is not None:
        if not reader.has_scope("alerts") or one.agency_id != reader.key.agency_id:
            return False
    elif (
        reader.person is None
        or one.person_id != reader.person
        or (one.agency_id is not None and one.agency_id not in reader.agencies(*AGENCY_PEOPLE))
    ):
        return False
    return _travels(row) or _bound(reader, row, one)


def _bound(reader: Reader, row: Row, one: Row) -> bool:
    """The agency it reached them at is a live member of the alert's network, and signed its agreement."""
    if one.agency_id is None:
        return row.network_id in reader.networks(*AGENCY_PEOPLE, *RUN, agreed=True)
    return row.network_id in {s.network for s in reader.seats if s.agency == one.agency_id and s.agreed}


RULES: dict[str, Rule] = {"alert": alert, "alert_text": alert_text, "recipient": recipient}
