"""What the audit trail asks of roles and places, by the names in `settings.TRAIL_GUIDE`."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import User
from audit.guide import Places
from audit.visible import all_if
from network import standing
from network.models import Agency, Appointment, Network
from network.standing import Standing, members_of
from network.visibility import LEADS, Role

WATCHERS = (Role.COORDINATOR, Role.AUDITOR)
KEEPERS = (*LEADS, Role.CHARTER)


def seals(reader: Any) -> Q:
    """Seals: for leads and charter officers, coordinators, approvers, auditors and the nation. A seal tells nothing of
    what it is on."""
    return all_if(standing.of(reader).holds(*KEEPERS, *WATCHERS, Role.APPROVER, Role.NATIONAL))


def places(reader: Any) -> Places:
    """The networks, agencies and people whose deeds this reader may look through, for the filters of the trail."""
    here = standing.of(reader)
    watched, kept = here.networks(*WATCHERS), here.agencies(*KEEPERS)
    everywhere = all_if(here.holds(Role.NATIONAL))
    networks = Network.objects.filter(Q(pk__in=watched) | everywhere)
    agencies = Agency.objects.filter(Q(pk__in=members_of(watched)) | Q(pk__in=kept) | everywhere)
    return Places(
        networks=list(networks.values_list("pk", "name").order_by("name")),
        agencies=list(agencies.values_list("pk", "name").order_by("name")),
        people=list(_people(here, watched, kept).values_list("pk", "name").order_by("name", "pk")[:1000]),
        may_export=here.holds(Role.AUDITOR),
    )


def home(reader: Any) -> Network | Agency | None:
    """The network that this person watches over, else the agency they speak for: the first by name."""
    here = standing.of(reader)
    network = Network.objects.filter(pk__in=here.networks(*WATCHERS)).order_by("name").first()
    return network or Agency.objects.filter(pk__in=here.agencies(*KEEPERS, Role.MEMBER)).order_by("name").first()


def audited(reader: Any) -> QuerySet[Network]:
    """The networks whose auditor this person is."""
    return Network.objects.filter(pk__in=standing.of(reader).networks(Role.AUDITOR)).order_by("name")


def about(network: Network) -> Q:
    """The entries that concern this network and the agencies in it."""
    return Q(network_id=network.pk) | Q(agency_id__in=members_of({network.pk}))


def _people(here: Standing, watched: set[Any], kept: set[Any]) -> QuerySet[User]:
    """Everyone who speaks or ever spoke there: the deeds of those who left are looked for most."""
    ever = Q(agency__in=members_of(watched)) | Q(agency__in=kept) | Q(network__in=watched)
    spoke = Appointment.objects.filter(ever | all_if(here.holds(Role.NATIONAL))).values("person")
    found: QuerySet[User] = User.objects.filter(pk__in=spoke)
    return found
