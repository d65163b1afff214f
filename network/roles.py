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
from django.db.models import Model

from network import standing
from network.models import Appointment

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
    "listing.explain": {
        Role.LEAD: OWN,
        Role.DEPUTY: OWN,
        Role.COORDINATOR: NETWORK,
        Role.AUDITOR: NETWORK,
        Role.NATIONAL: EVERYWHERE,
    },
    "listing.explain_concealed": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "agency.edit": {Role.LEAD: OWN, Role.DEPUTY: OWN, Role.COORDINATOR: NETWORK},
    "listing.loosen": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "listing.confirm_loosening": {Role.LEAD: OWN, Role.DEPUTY: OWN, Role.COORDINATOR: NETWORK},
    "share.offer": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "share.answer_for_agency": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "share.answer_for_network": {Role.COORDINATOR: NETWORK},
    "cover.name": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "safe_place.edit": {Role.LEAD: OWN, Role.DEPUTY: OWN},
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
    "alert.call": {Role.COORDINATOR: NETWORK},
    "ladder.edit": {Role.COORDINATOR: NETWORK},
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
    # people: nobody gives a role that is above or beside their own to check it; none of it is ever done to oneself
    "people.read": {
        Role.MEMBER: OWN,
        Role.LEAD: OWN,
        Role.DEPUTY: OWN,
        Role.CHARTER: OWN,
        Role.COORDINATOR: NETWORK,
        Role.APPROVER: NETWORK,
        Role.AUDITOR: NETWORK,
        Role.NATIONAL: EVERYWHERE,
        Role.OPERATOR: EVERYWHERE,
    },
    "member.appoint": {Role.LEAD: OWN, Role.DEPUTY: OWN, Role.COORDINATOR: NETWORK},
    "lead.appoint": {Role.LEAD: OWN, Role.DEPUTY: OWN, Role.COORDINATOR: NETWORK},
    "charter.appoint": {Role.CHARTER: OWN, Role.COORDINATOR: NETWORK},
    "runner.appoint": {Role.OPERATOR: EVERYWHERE},  # and nothing happens before a second person agrees
    "runner.agree": {Role.APPROVER: NETWORK, Role.NATIONAL: EVERYWHERE, Role.OPERATOR: EVERYWHERE},
    "member.end": {
        Role.LEAD: OWN,
        Role.DEPUTY: OWN,
        Role.COORDINATOR: NETWORK,
        Role.NATIONAL: EVERYWHERE,
        Role.OPERATOR: EVERYWHERE,
    },
    "lead.end": {
        Role.LEAD: OWN,
        Role.DEPUTY: OWN,
        Role.COORDINATOR: NETWORK,
        Role.NATIONAL: EVERYWHERE,
        Role.OPERATOR: EVERYWHERE,
    },
    "charter.end": {
        Role.LEAD: OWN,
        Role.DEPUTY: OWN,
        Role.CHARTER: OWN,
        Role.COORDINATOR: NETWORK,
        Role.NATIONAL: EVERYWHERE,
        Role.OPERATOR: EVERYWHERE,
    },
    "runner.end": {Role.NATIONAL: EVERYWHERE, Role.OPERATOR: EVERYWHERE},
    "platform.end": {Role.OPERATOR: EVERYWHERE},
    "heirless.end": {Role.COORDINATOR: NETWORK, Role.NATIONAL: EVERYWHERE, Role.OPERATOR: EVERYWHERE},
    "account.close": {
        Role.NATIONAL: EVERYWHERE,
        Role.OPERATOR: EVERYWHERE,
    },  # else: who may end all of the person's roles
    # agencies, their places in networks, and agreements
    "network.add": {Role.OPERATOR: EVERYWHERE},
    "network.edit": {Role.COORDINATOR: NETWORK, Role.OPERATOR: EVERYWHERE},
    "agency.start": {Role.COORDINATOR: NETWORK},
    "agency.assure": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "agency.withdraw": {Role.LEAD: OWN, Role.DEPUTY: OWN, Role.COORDINATOR: NETWORK},
    "agency.run": {Role.COORDINATOR: NETWORK},  # admit, remind, suspend, let back, rename, end its place
    "agreement.publish": {Role.COORDINATOR: NETWORK},
    "agreement.sign": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "agreement.remind": {Role.COORDINATOR: NETWORK},
    "agreement.signatures": {Role.COORDINATOR: NETWORK, Role.APPROVER: NETWORK, Role.AUDITOR: NETWORK},
    "succession.prepare": {Role.COORDINATOR: NETWORK},
    "succession.agree": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "succession.stand_in": {Role.APPROVER: NETWORK},  # for an agency that nobody leads any more
    # the post
    "post.watch": {Role.OPERATOR: EVERYWHERE},
    "post.hold": {Role.OPERATOR: EVERYWHERE},
    "post.resume": {Role.OPERATOR: EVERYWHERE},
    "post.retry": {Role.OPERATOR: EVERYWHERE},
    "post.test": {Role.OPERATOR: EVERYWHERE},
    "post.promise": {
        Role.COORDINATOR: NETWORK,
        Role.APPROVER: NETWORK,
        Role.AUDITOR: NETWORK,
        Role.NATIONAL: EVERYWHERE,
    },
    # machines
    "key.issue": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "key.end": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "endpoint.add": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "endpoint.end": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "endpoint.send_again": {Role.LEAD: OWN, Role.DEPUTY: OWN},
    "endpoint.test": {Role.LEAD: OWN, Role.DEPUTY: OWN},
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
    """Whether this person's live appointments give them this right over this subject. One query, and one more where
    the subject belongs to an agency and a right of theirs reaches its networks."""
    rights, here = RIGHTS[right], standing.of(by)
    agency, network = _id_of(subject, "agency"), _id_of(subject, "network")
    if here.holds(*_with(rights, EVERYWHERE)) or agency in here.agencies(*_with(rights, OWN)):
        return True
    reached = here.networks(*_with(rights, NETWORK))
    if network:
        return network in reached
    return bool(reached and agency) and standing.members_of(reached).filter(agency=agency).exists()


def require(by: Any, right: str, subject: Model) -> None:
    """Pass, or raise PermissionDenied in words that name nothing the person may not know."""
    if not may(by, right, subject):
        raise PermissionDenied("Your role does not let you do this.")


def _with(rights: dict[str, Reach], reach: Reach) -> list[str]:
    return [role for role, far in rights.items() if far is reach]


def _id_of(subject: Model, kind: str) -> UUID | None:
    """The subject itself, or what it belongs to."""
    if subject._meta.label_lower == f"network.{kind}":
        return UUID(str(subject.pk))
    found: UUID | None = getattr(subject, f"{kind}_id", None)
    return found
