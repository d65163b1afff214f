"""Which role has which right: one readable table, and the one place where an action asks “may you?”.

OWN: the agency of the appointment is the subject's agency. NETWORK: the appointment reaches the subject's network (or,
for a thing that belongs to an agency, a network that agency is a live member of). EVERYWHERE: no limit.
Seeing comes first and is asked elsewhere, by `visible_to`; no right to act stands without it.
"""

from __future__ import annotations

from enum import Enum
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q

from network.models import Appointment, Membership

Role = Appointment.Role


class Reach(Enum):
    """How far from the appointment a right reaches."""

    OWN = "own agency"
    NETWORK = "own network"
    EVERYWHERE = "everywhere"


OWN, NETWORK, EVERYWHERE = Reach.OWN, Reach.NETWORK, Reach.EVERYWHERE

RIGHTS: dict[str, dict[str, Reach]] = {
    # directory
    "listing.edit": {Role.LEAD: OWN, Role.DEPUTY: OWN, Role.CHARTER: OWN, Role.COORDINATOR: NETWORK},
    "listing.confirm": {Role.LEAD: OWN, Role.DEPUTY: OWN, Role.CHARTER: OWN, Role.COORDINATOR: NETWORK},
    "listing.add": {Role.LEAD: OWN, Role.DEPUTY: OWN, Role.COORDINATOR: NETWORK},
    "listing.tighten": {Role.LEAD: OWN, Role.DEPUTY: OWN, Role.COORDINATOR: NETWORK},
    "agency.edit": {Role.LEAD: OWN, Role.DEPUTY: OWN, Role.COORDINATOR: NETWORK},
    "grant.give": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "grant.end": {Role.LEAD: OWN, Role.DEPUTY: OWN, Role.COORDINATOR: NETWORK},
    # alerts
    "alert.draft": {
        Role.LEAD: NETWORK,
        Role.DEPUTY: NETWORK,
        Role.COORDINATOR: NETWORK,
        Role.APPROVER: NETWORK,
        Role.NATIONAL: EVERYWHERE,
    },
    "alert.submit": {
        Role.LEAD: NETWORK,
        Role.DEPUTY: NETWORK,
        Role.COORDINATOR: NETWORK,
        Role.APPROVER: NETWORK,
        Role.NATIONAL: EVERYWHERE,
    },
    "alert.release_alone": {Role.COORDINATOR: NETWORK},
    "alert.approve": {Role.APPROVER: NETWORK, Role.NATIONAL: EVERYWHERE},
    "alert.withdraw": {
        Role.LEAD: NETWORK,
        Role.DEPUTY: NETWORK,
        Role.COORDINATOR: NETWORK,
        Role.APPROVER: NETWORK,
        Role.NATIONAL: EVERYWHERE,
    },
    "alert.board": {
        Role.COORDINATOR: NETWORK,
        Role.APPROVER: NETWORK,
        Role.NATIONAL: EVERYWHERE,
        Role.AUDITOR: NETWORK,
    },
    # training
    "session.run": {Role.COORDINATOR: NETWORK, Role.NATIONAL: EVERYWHERE},
    "session.attendees": {Role.COORDINATOR: NETWORK, Role.AUDITOR: NETWORK},
    "session.book": {
        Role.MEMBER: NETWORK,
        Role.LEAD: NETWORK,
        Role.DEPUTY: NETWORK,
        Role.CHARTER: NETWORK,
        Role.COORDINATOR: NETWORK,
        Role.APPROVER: NETWORK,
        Role.NATIONAL: EVERYWHERE,
    },
    # charter
    "charter.record": {Role.CHARTER: OWN},
    # machines
    "key.issue": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "key.end": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    # reports
    "figures.read": {
        Role.COORDINATOR: NETWORK,
        Role.APPROVER: NETWORK,
        Role.REPORTS: NETWORK,
        Role.AUDITOR: NETWORK,
        Role.NATIONAL: EVERYWHERE,
    },
}


def may(by: Any, right: str, subject: Model) -> bool:
    """Whether this person's live appointments give them this right over this subject. One query."""
    reaches = Q(pk__in=[])
    for role, reach in RIGHTS[right].items():
        reaches |= Q(role=role) & _reaching(role, reach, subject)
    return Appointment.objects.live().filter(reaches, person=by.pk).exists()


def require(by: Any, right: str, subject: Model) -> None:
    """Pass, or raise PermissionDenied in words that name nothing the person may not know."""
    if not may(by, right, subject):
        raise PermissionDenied("Your role does not let you do this.")


def _reaching(role: str, reach: Reach, subject: Model) -> Q:
    if reach is EVERYWHERE:
        return Q()
    agency = _id_of(subject, "agency")
    if reach is OWN:
        return Q(agency=agency) if agency else Q(pk__in=[])
    networks = _networks_of(subject, agency)
    if role in Appointment.NETWORK_ROLES:
        return Q(network__in=networks)
    return Q(agency__in=Membership.objects.live().filter(network__in=networks).values("agency"))


def _networks_of(subject: Model, agency: UUID | None) -> Any:
    network = _id_of(subject, "network")
    if network:
        return [network]
    return Membership.objects.live().filter(agency=agency).values("network")


def _id_of(subject: Model, kind: str) -> UUID | None:
    """The subject itself, or what it belongs to."""
    if subject._meta.label_lower == f"network.{kind}":
        return UUID(str(subject.pk))
    found: UUID | None = getattr(subject, f"{kind}_id", None)
    return found
