"""The release sheet: exactly who an alert would reach and why, and a fingerprint of all of it.

What a person confirms is what goes out: whoever presses “release” sends back the fingerprint of the sheet they saw, and
one changed byte of text, marking or the list of named people makes it void.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from alerts import marking
from alerts.models import Alert
from delivery import audience
from delivery.channels.letter import render, subject_of
from delivery.models import Mailing

CONTENT = (
    "title",
    "text",
    "instruction",
    "urgency",
    "severity",
    "certainty",
    "classification",
    "tlp",
    "handling",
    "expires_at",
)


@dataclass(frozen=True)
class Sheet:
    """What whoever releases sees first: the people, by name and with the reason, and the fingerprint of it all;
    `alone` says why an approver is needed, `unsigned` which agencies are left out for want of a signature."""

    alert: Alert
    people: Sequence[audience.Named]
    fingerprint: str
    alone: Sequence[str]
    unsigned: Sequence[str]

    @property
    def person_ids(self) -> frozenset[UUID]:
        """The people's IDs."""
        return frozenset(named.person_id for named in self.people)


def sheet(alert: Alert) -> Sheet:
    """The sheet of an alert as it stands now; without an audience it names nobody."""
    strict = alert.is_withheld
    people = audience.named(alert.audience, strict=strict) if alert.audience else []
    unsigned = audience.unsigned(alert.audience) if alert.audience and strict else []
    fingerprint = _hash({**content(alert), "people": _rows(people)})
    return Sheet(alert, people, fingerprint, why_not_alone(alert, len(people)), unsigned)


def content(alert: Alert) -> dict[str, Any]:
    """What the alert says and how it is marked, as it enters fingerprints."""
    return {"alert": alert.pk, "network": alert.network_id} | {name: getattr(alert, name) for name in CONTENT}


def digest(alert: Alert) -> str:
    """The fingerprint of one version: text, marking and the rule of who it is for."""
    rule = audience.describe(alert.audience) if alert.audience else None
    return _hash({**content(alert), "audience": rule})


def why_not_alone(alert: Alert, count: int) -> list[str]:
    """Why a coordinator may not release this without an approver, in sentences; empty when they may."""
    limit = alert.network.solo_release_limit
    found = {
        f"It is marked {alert.classification}.": alert.classification != marking.Classification.OFFICIAL,
        f"It is labelled TLP:{alert.tlp}.": alert.tlp not in marking.OPEN_LABELS,
        "Its severity is extreme.": alert.severity == Alert.Severity.EXTREME,
        f"It would reach {count} people; one coordinator may alert {limit} at most.": count > limit,
    }
    return [sentence for sentence, holds in found.items() if holds]


def makers(alert: Alert) -> set[Any]:
    """IDs of everyone who wrote, addressed or submitted any version. The person counts, whatever their role now."""
    return {alert.created_by_id, alert.submitted_by_id, *alert.revisions.values_list("by", flat=True)} - {None}


def urgency(alert: Alert) -> Mailing.Urgency:
    """How fast the engine must be, from how soon people must act and how serious it is."""
    if alert.urgency == Alert.Urgency.IMMEDIATE:
        return Mailing.Urgency.IMMEDIATE
    serious = alert.severity in (Alert.Severity.EXTREME, Alert.Severity.SEVERE)
    soon = alert.urgency == Alert.Urgency.EXPECTED or (serious and alert.urgency != Alert.Urgency.PAST)
    return Mailing.Urgency.PRIORITY if soon else Mailing.Urgency.ROUTINE


def letter(alert: Alert) -> tuple[str, str]:
    """Subject and text of what leaves the platform. Of an alert that is withheld neither says anything."""
    if alert.is_withheld:
        return f"Alert {alert.reference}", "Sign in to read this alert."
    return alert.title, f"What to do\n{alert.instruction}\n\nWhat is known\n{alert.text}"


def mailing_of(alert: Alert, path: str) -> Mailing:
    """The mailing of this alert, not saved yet; `path` is where it is read."""
    subject, text = letter(alert)
    return Mailing(
        kind=Mailing.Kind.ALERT,
        network=alert.network,
        reference=alert.reference,
        marking=alert.marking,
        subject=subject,
        text=text,
        withheld=alert.is_withheld,
        path=path,
        urgency=urgency(alert),
        expires_at=alert.expires_at,
    )


def preview(alert: Alert, path: str, to: audience.Named) -> tuple[str, str]:
    """Subject and text of the email exactly as this person will get it, by the same templates."""
    mailing = mailing_of(alert, path)
    return subject_of(mailing), render(mailing, "plain", name=to.name, reason=to.reason).strip()


def _rows(people: Sequence[audience.Named]) -> list[list[str]]:
    return sorted([str(n.person_id), str(n.agency_id), n.role, n.reason] for n in people)


def _hash(facts: Any) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True, default=str).encode()).hexdigest()
