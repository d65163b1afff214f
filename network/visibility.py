"""Who may see what: the groups of roles, and the rules of this floor and the two below it.

Each rule asks once where the reader stands (`network.standing`) and is made of the IDs that come back. `reader` is a
person, an API key, nobody, or a standing that was asked for already; what is not opened here stays closed.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from audit.visible import all_if, nothing
from network import standing
from network.dates import in_force, joining
from network.models import Appointment, Membership, Party, Signature
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
    """Agencies: one's own, also while it is joining, and the live members of one's own networks; those that are joining
    for who runs the network; all for national coordinators."""
    here = standing.of(reader)
    own = here.networks(KEY, *INSIDERS, *RUNNERS, Role.AUDITOR)
    coming = _coming(here.networks(*RUNNERS))
    known = Q(pk__in=members_of(own)) | Q(pk__in=here.agencies(*INSIDERS)) | Q(pk__in=coming)
    return known | all_if(here.holds(Role.NATIONAL))


def people(reader: Any) -> Q:
    """People: oneself, and those who speak for or run one's own networks; all for operators, who keep accounts."""
    here = standing.of(reader)
    if here.person is None:
        return nothing()
    own = here.networks(*INSIDERS, *RUNNERS, Role.AUDITOR)
    appointed = Q(agency__in=members_of(own)) | Q(agency__in=here.agencies(*INSIDERS)) | Q(network__in=own)
    colleagues = Appointment.objects.filter(in_force(), appointed, person__is_active=True).values("person")
    return Q(pk=here.person) | Q(pk__in=colleagues) | all_if(here.holds(Role.NATIONAL, Role.OPERATOR))


def appointments(reader: Any) -> Q:
    """Appointments: one's own; those of one's agency for its people; all of one's network for its runners and auditors;
    of the agencies of one's networks and of who runs them, for their people; all for the nation and operators."""
    here = standing.of(reader)
    if here.person is None:
        return nothing()
    own = here.networks(*INSIDERS, *RUNNERS, Role.AUDITOR)
    known = Q(agency__in=members_of(own)) | Q(agency__in=here.agencies(*INSIDERS)) | Q(network__in=own)
    return Q(person=here.person) | known | all_if(here.holds(Role.NATIONAL, Role.OPERATOR))


def memberships(reader: Any) -> Q:
    """Memberships: those of one's own agencies, and those of the networks one runs or audits; all for the nation."""
    here = standing.of(reader)
    run = Q(network__in=here.networks(*RUNNERS, Role.AUDITOR))
    return run | Q(agency__in=here.agencies(*INSIDERS)) | all_if(here.holds(Role.NATIONAL))


def agreements(reader: Any) -> Q:
    """Agreements: those of the networks that one's agency is a live member of or is joining, and of those one runs or
    audits; for ever those that one's agency signed."""
    here = standing.of(reader)
    own = here.agencies(*INSIDERS)
    asked = Membership.objects.filter(joining(), agency__in=own).values("network")
    signed = Signature.objects.filter(agency__in=own).values("agreement")
    reached = here.networks(*INSIDERS, *RUNNERS, Role.AUDITOR)
    known = Q(network__in=asked) | Q(network__in=reached) | Q(pk__in=signed)
    return known | all_if(here.holds(Role.NATIONAL))


def signatures(reader: Any) -> Q:
    """Signatures: one's own agency's, and those on the agreements of the networks one runs or audits."""
    here = standing.of(reader)
    run = Q(agreement__network__in=here.networks(*RUNNERS, Role.AUDITOR))
    return run | Q(agency__in=here.agencies(*INSIDERS)) | all_if(here.holds(Role.NATIONAL))


def suspensions(reader: Any) -> Q:
    """Why agencies were suspended: for who coordinates the network, and nobody else."""
    return Q(membership__network__in=standing.of(reader).networks(Role.COORDINATOR))


def successions(reader: Any) -> Q:
    """Plans for agencies to end and follow each other: those of the networks one runs, and those that one's agency is
    in, for its leads."""
    here = standing.of(reader)
    own = Party.objects.filter(agency__in=here.agencies(*LEADS)).values("succession")
    return Q(network__in=here.networks(*RUNNERS)) | Q(pk__in=own)


def parties(reader: Any) -> Q:
    """The agencies of a plan: as the plan."""
    here = standing.of(reader)
    own = Party.objects.filter(agency__in=here.agencies(*LEADS)).values("succession")
    return Q(succession__network__in=here.networks(*RUNNERS)) | Q(succession__in=own)


def invitations(reader: Any) -> Q:
    """Invitations: those to one's agency, for its leads (to charter officers, for these); those to one's network and
    its agencies, for who coordinates it; those into networks also for approvers there, the nation and operators, one of
    whom asks and another agrees."""
    here = standing.of(reader)
    run = here.networks(Role.COORDINATOR)
    charter = Q(agency__in=here.agencies(Role.CHARTER), role=Role.CHARTER)
    known = Q(agency__in=here.agencies(*LEADS)) | charter | Q(agency__in=members_of(run)) | Q(agency__in=_coming(run))
    into = Q(network__in=here.networks(*RUNNERS)) | all_if(here.holds(Role.NATIONAL, Role.OPERATOR))
    return known | (Q(network__isnull=False) & into)


def handovers(reader: Any) -> Q:
    """Handovers: to and from oneself; those in the agencies one leads, in the networks one coordinates and their
    agencies; those of roles in networks for the nation and operators."""
    here = standing.of(reader)
    if here.person is None:
        return nothing()
    run = here.networks(Role.COORDINATOR)
    kept = Q(agency__in=here.agencies(*LEADS)) | Q(agency__in=members_of(run)) | Q(agency__in=_coming(run))
    of_networks = Q(network__in=run) | all_if(here.holds(Role.NATIONAL, Role.OPERATOR))
    own = Q(leaver=here.person) | Q(successor=here.person)
    return own | kept | (Q(network__isnull=False) & of_networks)


def _coming(networks: set[Any]) -> Any:
    """IDs of the agencies that are joining one of these networks."""
    return Membership.objects.filter(joining(), network__in=networks).values("agency")


def keys(reader: Any) -> Q:
    """API keys: those of the agencies one leads."""
    return Q(agency__in=standing.of(reader).agencies(*LEADS))


def entries(reader: Any) -> Q:
    """The audit trail: one's own deeds; what concerns one's agency (leads, charter officers), one's network
    (coordinators, auditors), everything (national coordinators). Of an agency that is in two networks, what it did in
    one is not read in the other. Coordinators and the nation do not read of concealed things; auditors read that
    something happened, not what it is called."""
    here = standing.of(reader)
    if here.person is None:
        return nothing()
    audited, run = here.networks(Role.AUDITOR), here.networks(Role.COORDINATOR)
    own = Q(agency_id__in=here.agencies(*LEADS))
    whole = own | Q(network_id__in=audited) | Q(agency_id__in=members_of(audited), network_id=None)
    open_part = (
        Q(agency_id__in=here.agencies(Role.CHARTER))
        | Q(network_id__in=run)
        | Q(agency_id__in=members_of(run), network_id=None)
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
    "agreements",
    "appointments",
    "entries",
    "handovers",
    "invitations",
    "keys",
    "memberships",
    "networks",
    "parties",
    "people",
    "signatures",
    "successions",
    "suspensions",
]
