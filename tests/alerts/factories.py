"""Alerts for tests, made the way people make them: by the actions."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from alerts import actions, release
from alerts.models import Alert
from delivery.audience import Choice
from network.models import Agency, Network
from tests.factories import fresh

CONTENT: dict[str, Any] = {
    "title": "Car washes: new pattern",
    "text": "Workers are driven in before dawn and do not hold their own papers.",
    "instruction": "Ask who keeps the passports, and ring 101.",
    "urgency": Alert.Urgency.EXPECTED,
    "severity": Alert.Severity.SEVERE,
    "certainty": Alert.Certainty.LIKELY,
    "classification": Alert.Classification.OFFICIAL,
    "tlp": Alert.Tlp.GREEN,
    "handling": "",
    "expires_at": None,
}
SENSITIVE = {"classification": Alert.Classification.SENSITIVE, "tlp": Alert.Tlp.AMBER_STRICT}
STAFF = ("lead", "deputy", "member")


def content(**other: Any) -> dict[str, Any]:
    """What a form would hand over; other values replace the usual ones."""
    return CONTENT | other


def draft(network: Network, by: User, *agencies: Agency, roles: Any = STAFF, **other: Any) -> Alert:
    """A draft, addressed to these agencies if any are given."""
    alert = actions.draft(network=network, content=content(**other), by=by)
    if agencies:
        alert = actions.address(alert=alert, choice=Choice(agencies=agencies, roles=roles), by=by)
    return alert


def submitted(network: Network, by: User, *agencies: Agency, **other: Any) -> Alert:
    """A draft that waits for approval."""
    return actions.submit(alert=draft(network, by, *agencies, **other), by=by)


def released(network: Network, by: User, *agencies: Agency, approver: User | None = None, **other: Any) -> Alert:
    """A released alert: by its author alone, or by the approver after submitting."""
    alert = (submitted if approver else draft)(network, by, *agencies, **other)
    return actions.release(alert=alert, sheet=release.sheet(alert).fingerprint, by=fresh(approver or by))
