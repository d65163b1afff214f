"""Who may see what in the directory: one rule a model, in subqueries that the database works out.

`public`: everyone. `network`: the networks of the agency. `restricted`: the agency's own staff, the coordinators of its
networks, and whom it is shared with. `concealed`: the agency's own staff, and holders of a live need-to-know grant.
What is not opened here is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet

from audit.visible import nothing
from network import grants, standing
from network.models import ApiKey
from network.visibility import INSIDERS, RUNNERS, STAFF, Role, person_of

if TYPE_CHECKING:
    from directory.models import Listing

NATION = (Role.NATIONAL,)


def listings(reader: Any) -> Q:
    """Listings, each by its own access."""
    reached = Q(access="public")
    for access, reach in REACHES.items():
        reached |= Q(access=access) & reach(reader)
    return reached


def parts(reader: Any) -> Q:
    """What hangs on a listing and is as open as the listing itself."""
    return Q(_its_listing(listings(reader)))


def places(reader: Any) -> Q:
    """Places: as the listing, but never one of a concealed listing, whoever wrote it there."""
    return Q(_its_listing(listings(reader) & ~Q(access="concealed")))


def contacts(reader: Any) -> Q:
    """Contacts: those of visible listings, and then by their own access, and then the person's if one is named."""
    reached = Q(access="public")
    for access, reach in REACHES.items():
        reached |= Q(access=access) & Q(_its_listing(reach(reader)))
    return parts(reader) & reached & (Q(officer="") | _named_officers(reader))


def _network(reader: Any) -> Q:
    """Members and runners of the agency's networks, its auditors; the nation. A key needs the scope."""
    if isinstance(reader, ApiKey):
        return Q(agency__in=standing.colleagues(reader)) if _reads_directory(reader) else nothing()
    return (
        Q(agency__in=standing.colleagues(reader, *INSIDERS))
        | Q(agency__in=standing.overseen(reader, *RUNNERS, Role.AUDITOR))
        | standing.any_of(standing.platform_roles(reader, *NATION))
    )


def _restricted(reader: Any) -> Q:
    """Own staff, coordinators and auditors of the agency's networks, live shares; the nation. A key needs the scope."""
    shared = Q(pk__in=shared_with(reader))
    if isinstance(reader, ApiKey):
        return shared if _reads_directory(reader) else nothing()
    return (
        Q(agency__in=standing.own_agencies(reader, *STAFF))
        | Q(agency__in=standing.overseen(reader, Role.COORDINATOR, Role.AUDITOR))
        | shared
        | standing.any_of(standing.platform_roles(reader, *NATION))
    )


def _concealed(reader: Any) -> Q:
    """Own staff; people with a live need-to-know grant. Never a key, and nobody by running or overseeing a network."""
    if person_of(reader) is None:
        return nothing()
    return Q(agency__in=standing.own_agencies(reader, *STAFF)) | (Q(pk__in=known_to(reader)) & _may_need_to_know(reader))


def _named_officers(reader: Any) -> Q:
    """Contacts that name a person: for the people of the agency's networks. No key has that scope yet; the nation and
    auditors see them only with a fresh second factor or masked, so until there is such a thing not at all."""
    if person_of(reader) is None:
        return nothing()
    mine = Q(agency__in=standing.colleagues(reader, *INSIDERS)) | Q(agency__in=standing.overseen(reader, *RUNNERS))
    return Q(_its_listing(mine))


@standing.prepared
def shared_with(reader: Any) -> QuerySet[Any]:
    """IDs of the listings with a live share to an agency or a network of the reader's; for a key, of its agency's."""
    mine = Q(network__in=standing.agency_networks(reader, *INSIDERS))
    if isinstance(reader, ApiKey):
        mine |= Q(agency=reader.agency_id) & Q(agency__in=standing.colleagues(reader))
    else:
        mine |= Q(agency__in=standing.own_agencies(reader, *INSIDERS))
        mine |= Q(network__in=standing.run_networks(reader, *RUNNERS))
    return apps.get_model("directory", "Share").objects.live().filter(mine).values("listing")  # type: ignore[no-any-return]


@standing.prepared
def known_to(reader: Any) -> QuerySet[Any]:
    """IDs of the listings on which the person holds a live need-to-know grant."""
    return grants.held(apps.get_model("directory", "Listing"), reader)


def _may_need_to_know(reader: Any) -> Q:
    """A grant does not open the door to people without an appointment, nor to roles that are kept from every concealed
    thing: charter officers, report readers, auditors, operators."""
    return (
        standing.any_of(standing.own_agencies(reader, *STAFF))
        | standing.any_of(standing.run_networks(reader, *RUNNERS))
        | standing.any_of(standing.platform_roles(reader, *NATION))
    )


def _reads_directory(key: ApiKey) -> bool:
    return ApiKey.Scope.DIRECTORY in key.scopes


def _its_listing(rule: Q) -> Exists:
    rows: QuerySet[Listing] = apps.get_model("directory", "Listing").objects.order_by()
    return Exists(rows.filter(rule, pk=OuterRef("listing")))


REACHES = {"network": _network, "restricted": _restricted, "concealed": _concealed}
