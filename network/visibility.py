"""Who may see what: the groups of roles, and the rules of this floor and the two below it.

Each rule asks once where the reader stands (`network.standing`) and is made of the IDs that come back. `reader` is a
person, an API key, nobody, or a standing that was asked for already; what is not opened here stays closed.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from audit.visible import all_if, nothing
from network import standing
from network.dates import in_force
from network.models import Appointment
from network.standing import KEY, members_of

Role = Appointment.Role
STAFF = (Role.MEMBER, Role.LEAD, Role.DEPUTY)
LEADS = (Role.LEAD, Role.DEPUTY)
INSIDERS = (*STAFF, Role.CHARTER)
RUNNERS = (Role.COORDINATOR, Role.APPROVER)


def networks(reader: Any) -> Q:
    """Networks: one's own, those one reports on or audits; all for national coordinators and operators."""
    here = standing.of(reader)
    own = here.networks(KEY, *INSIDERS, *Appointment.NETWORK_ROLES)
    return Q(pk__in=own) | all_if(here.holds(Role.NATIONAL, Role.OPERATOR))


def agencies(reader: Any) -> Q:
    """Agencies: the live members of one's own networks; all for national coordinators."""
    here = standing.of(reader)
    own = here.networks(KEY, *INSIDERS, *RUNNERS, Role.AUDITOR)
    return Q(pk__in=members_of(own)) | all_if(here.holds(Role.NATIONAL))


def people(reader: Any) -> Q:
    """People: oneself, and those who speak for or run one's own networks; all for operators, who keep accounts."""
    here = standing.of(reader)
    if here.person is None:
        return nothing()
    own = here.networks(*INSIDERS, *RUNNERS, Role.AUDITOR)
    appointed = Q(agency__in=members_of(own)) | Q(network__in=own)
    colleagues = Appointment.objects.filter(in_force(), appointed, person__is_active=True).values("person")
    return Q(pk=here.person) | Q(pk__in=colleagues) | all_if(here.holds(Role.NATIONAL, Role.OPERATOR))


def keys(reader: Any) -> Q:
    """API keys: those of the agencies one leads."""
    return Q(agency__in=standing.of(reader).agencies(*LEADS))


def entries(reader: Any) -> Q:
    """The audit trail: one's own deeds; what concerns one's agency (leads, charter officers), one's network
    (coordinators, auditors), everything (national coordinators). Coordinators and the nation do not read of
    concealed things; auditors read that something happened, not what it is called."""
    here = standing.of(reader)
    if here.person is None:
        return nothing()
    audited, run = here.networks(Role.AUDITOR), here.networks(Role.COORDINATOR)
    whole = Q(agency_id__in=here.agencies(*LEADS)) | Q(network_id__in=audited) | Q(agency_id__in=members_of(audited))
    open_part = (
        Q(agency_id__in=here.agencies(Role.CHARTER))
        | Q(network_id__in=run)
        | Q(agency_id__in=members_of(run))
        | all_if(here.holds(Role.NATIONAL))
    )
    return Q(actor_id=here.person) | whole | (open_part & Q(concealed=False))


__all__ = [
    "INSIDERS",
    "LEADS",
    "RUNNERS",
    "STAFF",
    "Role",
    "agencies",
    "entries",
    "keys",
    "networks",
    "people",
]
