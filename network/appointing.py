"""Who may give which role, and who may end it: the table of rights, asked by role.

Whoever acts is never the person acted upon: nobody changes their own roles, neither directly nor by way of an
invitation, a handover or cover. A role is given only by who could reach no further with it; roles that check others
(approver, auditor) are given and ended by nobody they check.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F, Model, Q, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from network import roles, standing
from network.dates import joining
from network.models import Agency, Appointment, Membership, Network

Role = Appointment.Role
Place = Agency | Network

GROUPS: dict[str, str] = {
    Role.MEMBER: "member",
    Role.LEAD: "lead",
    Role.DEPUTY: "lead",
    Role.CHARTER: "charter",
    **dict.fromkeys(Appointment.NETWORK_ROLES, "runner"),
    **dict.fromkeys(Appointment.PLATFORM_ROLES, "platform"),
}
STAND_IN = {
    Role.LEAD: Role.DEPUTY
}  # who covers for a lead is a deputy meanwhile; anybody else's cover is what they are


def scope(place: Place) -> dict[str, Any]:
    """The place as the columns of an appointment, an invitation or a handover."""
    return {"agency": place, "network": None} if isinstance(place, Agency) else {"agency": None, "network": place}


def may_appoint(by: User, role: str, place: Place) -> bool:
    """Whether this person may give somebody else this role there. Roles of the platform are given by nobody here."""
    fits = Appointment.AGENCY_ROLES if isinstance(place, Agency) else Appointment.NETWORK_ROLES
    return role in fits and _may(by, f"{GROUPS[role]}.appoint", place)


def may_end(by: User, appointment: Appointment) -> bool:
    """Whether this person may end this appointment, or give it an end. Never their own."""
    return appointment.person_id != by.pk and _may(by, f"{GROUPS[appointment.role]}.end", appointment)


def may_end_heirless(by: User, place: Place) -> bool:
    """Whether this person may leave an agency without a lead, if it must be."""
    return _may(by, "heirless.end", place)


def staffed_by(by: User) -> tuple[Q, set[str]]:
    """The agencies into which this person may give some role, and those roles: what a form offers. The action asks
    about each pair anew."""
    here = standing.of(by)
    led, chartered = here.agencies(Role.LEAD, Role.DEPUTY), here.agencies(Role.CHARTER)
    run = here.networks(Role.COORDINATOR)
    coming = Membership.objects.filter(joining(), network__in=run).values("agency")
    where = Q(pk__in=led | chartered) | Q(pk__in=standing.members_of(run)) | Q(pk__in=coming)
    given = {Role.MEMBER, Role.LEAD, Role.DEPUTY} if led or run else set()
    return where, {role.value for role in given | ({Role.CHARTER} if chartered or run else set())}


def require_appoint(by: User, role: str, place: Place, person: User | None = None) -> None:
    """Pass, or raise PermissionDenied; always for oneself."""
    if (person is not None and person.pk == by.pk) or not may_appoint(by, role, place):
        raise PermissionDenied("Your role does not let you do this.")


def require_end(by: User, appointment: Appointment) -> None:
    """Pass, or raise PermissionDenied; always for one's own."""
    if not may_end(by, appointment):
        raise PermissionDenied("Your role does not let you do this.")


def may_read(by: User, place: Place) -> bool:
    """Whether this person may open the list of who has access there."""
    return _may(by, "people.read", place)


def may_agree(by: Any, place: Place) -> bool:
    """Whether this person's yes to somebody else's invitation into a network counts."""
    return _may(by, "runner.agree", place)


def may_confirm(by: User, place: Place) -> bool:
    """Whether this person may say that the list of who has access there is right."""
    return _may(by, "member.end" if isinstance(place, Agency) else "runner.end", place)


def may_close(person: User, by: User) -> None:
    """Pass, or raise PermissionDenied: an account is closed by who may end each of the person's appointments; where
    there is none, by national coordinators and operators. `accounts.actions` asks. It is opened again by an invitation
    to its address, like any other: see `network.actions.join`."""
    held = list(Appointment.objects.filter(not_over(), person=person).select_related("agency", "network"))
    allowed = all(may_end(by, row) for row in held) if held else roles.may(by, "account.close", person)
    if person.pk == by.pk or not allowed:
        raise PermissionDenied("Your role does not let you do this.")


def not_over() -> Q:
    """Appointments that have not ended: in force, or to come."""
    return Q(until_at=None) | (Q(until_at__gt=Now()) & Q(until_at__gt=F("from_at")))


def current(person: User, place: Place) -> QuerySet[Appointment]:
    """The person's appointments there that have not ended, to come included."""
    return Appointment.objects.filter(not_over(), person=person, **scope(place))


def _may(by: Any, right: str, subject: Model) -> bool:
    """A coordinator's rights reach an agency that is still joining as well: somebody must invite its first lead."""
    if roles.may(by, right, subject):
        return True
    agency = subject.pk if isinstance(subject, Agency) else getattr(subject, "agency_id", None)
    coming = Membership.objects.filter(joining(), agency=agency) if agency else Membership.objects.none()
    return any(roles.may(by, right, membership) for membership in coming)
