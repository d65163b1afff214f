"""Who may see what: the small sets that every rule is made of, and the rules of this floor and the two below it.

Each set is a subquery worked out inside the statement by the database's clock, so an end takes effect at that moment
and not when a job has run. `reader` is a person, an API key, or nobody; what is not opened here stays closed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Exists, Q, QuerySet

from audit.visible import nothing
from network import prepared, standing
from network.models import ApiKey, Appointment, Membership, Network

Role = Appointment.Role
STAFF = (Role.MEMBER, Role.LEAD, Role.DEPUTY)
LEADS = (Role.LEAD, Role.DEPUTY)
INSIDERS = (*STAFF, Role.CHARTER)
RUNNERS = (Role.COORDINATOR, Role.APPROVER)


def person_of(reader: Any) -> UUID | None:
    """The person's ID; None for an API key and for nobody."""
    return None if isinstance(reader, ApiKey) or not reader.is_authenticated else reader.pk


def appointments(reader: Any, roles: Iterable[str]) -> QuerySet[Appointment]:
    """The reader's live appointments to any of these roles. An API key and nobody have none."""
    if person_of(reader) is None:
        return Appointment.objects.none()
    return Appointment.objects.live().filter(person=reader.pk, role__in=tuple(roles))


def own_agencies(reader: Any, roles: Iterable[str] = INSIDERS) -> QuerySet[Any]:
    """IDs of the agencies the reader speaks for in one of these roles."""
    if isinstance(reader, ApiKey):
        return Membership.objects.live().filter(agency=reader.agency_id).values("agency")
    return appointments(reader, roles).filter(agency__isnull=False).values("agency")


def run_networks(reader: Any, roles: Iterable[str] = RUNNERS) -> QuerySet[Any]:
    """IDs of the networks in which the reader holds one of these network roles."""
    return appointments(reader, roles).filter(network__isnull=False).values("network")


def own_networks(reader: Any, roles: Iterable[str] = (*INSIDERS, *RUNNERS)) -> QuerySet[Any]:
    """IDs of the networks the reader belongs to: through an agency that is a live member, or by a network role."""
    chosen = tuple(roles)
    through_agency = Q(memberships__in=Membership.objects.live().filter(agency__in=own_agencies(reader, chosen)))
    return Network.objects.live().filter(through_agency | Q(pk__in=run_networks(reader, chosen))).values("pk")


def members_of(networks: QuerySet[Any]) -> QuerySet[Any]:
    """IDs of the agencies that are live members of any of these networks."""
    return Membership.objects.live().filter(network__in=networks).values("agency")


def holds(reader: Any, *roles: str) -> Q:
    """True for every row or for none: whether the reader holds one of these roles anywhere."""
    return Q(Exists(appointments(reader, roles)))


def networks(reader: Any) -> Q:
    """Networks: one's own, those one reports on or audits; all for national coordinators and operators."""
    every = prepared.any_of(standing.platform_roles(reader, Role.NATIONAL, Role.OPERATOR))
    by_role = standing.run_networks(reader, *Appointment.NETWORK_ROLES)
    return Q(pk__in=standing.agency_networks(reader, *INSIDERS)) | Q(pk__in=by_role) | every


def agencies(reader: Any) -> Q:
    """Agencies: the live members of one's own networks; all for national coordinators."""
    every = prepared.any_of(standing.platform_roles(reader, Role.NATIONAL))
    by_role = standing.overseen(reader, *RUNNERS, Role.AUDITOR)
    return Q(pk__in=standing.colleagues(reader, *INSIDERS)) | Q(pk__in=by_role) | every


def people(reader: Any) -> Q:
    """People: oneself, and those who speak for or run one's own networks; all for operators, who keep accounts."""
    if person_of(reader) is None:
        return nothing()
    mine = own_networks(reader, (*INSIDERS, *RUNNERS, Role.AUDITOR))
    colleagues = Appointment.objects.live().filter(Q(agency__in=members_of(mine)) | Q(network__in=mine))
    return Q(pk=reader.pk) | Q(pk__in=colleagues.values("person")) | holds(reader, Role.NATIONAL, Role.OPERATOR)


def keys(reader: Any) -> Q:
    """API keys: those of the agencies one leads."""
    return Q(agency__in=appointments(reader, LEADS).values("agency"))


def entries(reader: Any) -> Q:
    """The audit trail: one's own deeds; what concerns one's agency (leads, charter officers), one's network
    (coordinators, auditors), everything (national coordinators). Coordinators and the nation do not read of
    concealed things; auditors read that something happened, not what it is called."""
    if person_of(reader) is None:
        return nothing()
    audited = run_networks(reader, [Role.AUDITOR])
    run = run_networks(reader, [Role.COORDINATOR])
    return (
        Q(actor_id=reader.pk)
        | Q(agency_id__in=own_agencies(reader, LEADS))
        | Q(agency_id__in=own_agencies(reader, [Role.CHARTER]), concealed=False)
        | Q(network_id__in=audited)
        | Q(agency_id__in=members_of(audited))
        | Q(network_id__in=run, concealed=False)
        | Q(agency_id__in=members_of(run), concealed=False)
        | (holds(reader, Role.NATIONAL) & Q(concealed=False))
    )


__all__ = [
    "INSIDERS",
    "LEADS",
    "RUNNERS",
    "STAFF",
    "Role",
    "agencies",
    "appointments",
    "entries",
    "holds",
    "keys",
    "members_of",
    "networks",
    "own_agencies",
    "own_networks",
    "people",
    "person_of",
    "run_networks",
]
