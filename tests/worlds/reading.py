"""Every row of the database, as the plain world that the oracle knows. Nothing is worked out on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.apps import apps

from network.models import ApiKey
from tests.oracle import Reader, Row, World

TABLES = {
    "network": "network.Network",
    "agency": "network.Agency",
    "membership": "network.Membership",
    "agreement": "network.Agreement",
    "signature": "network.Signature",
    "invitation": "network.Invitation",
    "handover": "network.Handover",
    "suspension": "network.Suspension",
    "succession": "network.Succession",
    "party": "network.Party",
    "appointment": "network.Appointment",
    "key": "network.ApiKey",
    "person": "accounts.User",
    "listing": "directory.Listing",
    "contact": "directory.Contact",
    "hours": "directory.OpeningHours",
    "place": "directory.Place",
    "share": "directory.Share",
    "grant": "directory.ListingGrant",
    "loosening": "directory.Loosening",
    "cover": "directory.Cover",
    "safe_place": "directory.SafePlace",
    "safe_place_change": "directory.SafePlaceChange",
    "safe_place_grant": "directory.SafePlaceGrant",
    "mobile": "directory.Mobile",
    "alert": "alerts.Alert",
    "ladder": "alerts.Ladder",
    "step": "alerts.Step",
    "call": "alerts.Call",
    "mailing": "delivery.Mailing",
    "recipient": "delivery.Recipient",
    "delivery": "delivery.Delivery",
    "report": "delivery.Report",
    "number": "delivery.Number",
    "preference": "delivery.Preference",
    "quiet_hours": "delivery.Quiet",
    "set_aside": "delivery.SetAside",
    "endpoint": "delivery.Endpoint",
    "course": "training.Course",
    "session": "training.Session",
    "joining": "training.Joining",
    "booking": "training.Booking",
    "council": "charter.Council",
    "framework": "charter.Framework",
    "commitment": "charter.Commitment",
    "adoption": "charter.Adoption",
    "progress": "charter.Progress",
    "note": "charter.Note",
    "evidence": "charter.Evidence",
    "entry": "audit.Entry",
}


def model(kind: str) -> Any:
    """The model whose rows are of this kind."""
    return apps.get_model(TABLES[kind])


def world(now: dt.datetime) -> World:
    """All rows as they stand."""
    return World(now, {kind: {row["pk"]: Row(row, id=row["pk"]) for row in _rows(kind)} for kind in TABLES})


def _rows(kind: str) -> Iterable[dict[str, Any]]:
    rows: Iterable[dict[str, Any]] = model(kind)._base_manager.values("pk", *_columns(kind))
    return rows


def _columns(kind: str) -> list[str]:
    return [field.attname for field in model(kind)._meta.concrete_fields]


def as_read(now: World, someone: Any) -> Reader:
    """The oracle's reader for the product's."""
    if isinstance(someone, ApiKey):
        return Reader(now, key=now.get("key", someone.pk))
    if not someone.is_authenticated:
        return Reader(now)
    given = getattr(someone, "factor_at", None)
    return Reader(now, person=someone.pk, fresh=given is not None and now.now - given <= dt.timedelta(minutes=10))
