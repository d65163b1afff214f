"""Where a reader stands: the one small question that every rule about who may see what begins with.

It is asked of the database anew for each rule, by its clock, and never kept: an end takes effect at that moment and not
when a job has run. The rule is then made of a few plain IDs.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from network.dates import going_on, in_force, member
from network.models import ApiKey, Appointment, Membership

KEY = "key"  # what an API key has in place of a role: a rule that is for keys too must say so


@dataclass(frozen=True)
class Standing:
    """Who asks, and their live appointments as (role, agency, network): one row for each network that one reaches.

    An appointment in an agency counts while the agency is a live, unsuspended member of a network that has not ended;
    one in a network while it has not ended; one of the platform has neither. A closed account has none.
    """

    person: UUID | None = None
    key: ApiKey | None = None
    rows: tuple[tuple[str, UUID | None, UUID | None], ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """The roles held anywhere."""
        return frozenset(role for role, _, _ in self.rows)

    def agencies(self, *roles: str) -> set[UUID]:
        """IDs of the agencies for which the reader speaks in one of these roles."""
        return {agency for role, agency, _ in self.rows if role in roles and agency}

    def networks(self, *roles: str) -> set[UUID]:
        """IDs of the networks that one of these roles reaches: it is held there, or in an agency that is a member."""
        return {network for role, _, network in self.rows if role in roles and network}

    def holds(self, *roles: str) -> bool:
        """Whether the reader holds one of these roles anywhere."""
        return any(role in roles for role, _, _ in self.rows)


def of(reader: Any) -> Standing:
    """Where a person, an API key or nobody stands at this moment. One query, none for nobody; a standing is itself."""
    if isinstance(reader, Standing):
        return reader
    if isinstance(reader, ApiKey):
        return Standing(key=reader, rows=tuple(_of_key(reader)))
    return Standing(person=reader.pk, rows=tuple(_of_person(reader.pk))) if reader.is_authenticated else Standing()


def members_of(networks: Collection[UUID]) -> QuerySet[Any]:
    """IDs of the agencies that are live members of any of these networks, as a subquery."""
    rows = Membership.objects.filter(member(), network__in=networks) if networks else Membership.objects.none()
    return rows.values("agency")


def _of_person(person: UUID) -> QuerySet[Any, Any]:
    """All in one `filter`, so that what is said of a membership is said of the same membership."""
    in_agency = Q(agency__isnull=False) & member("agency__memberships__")
    in_network = Q(network__isnull=False) & going_on("network__")
    counts = in_agency | in_network | Q(role__in=Appointment.PLATFORM_ROLES)
    found = Appointment.objects.filter(in_force(), counts, person=person, person__is_active=True)
    return found.values_list("role", "agency", Coalesce("network", "agency__memberships__network"))


def _of_key(key: ApiKey) -> QuerySet[Any, Any]:
    return Membership.objects.live().filter(agency=key.agency_id).values_list(Value(KEY), "agency", "network")
