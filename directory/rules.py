"""Who may see what in the directory: one rule a model, in `__in` subqueries that the database works out.

`public`: everyone. `network`: the networks of the agency. `restricted`: the agency's own staff, the coordinators of its
networks, and whom it is shared with. `concealed`: the agency's own staff, and holders of a live need-to-know grant.
What is not opened here is closed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Q, QuerySet

from audit.visible import nothing
from network import grants
from network.models import ApiKey
from network.visibility import (
    INSIDERS,
    RUNNERS,
    STAFF,
    Role,
    holds,
    members_of,
    own_agencies,
    own_networks,
    person_of,
    run_networks,
)

if TYPE_CHECKING:
    from directory.models import Listing

# A need-to-know grant counts only for people who stand here: it does not open the door to those without an appointment,
# nor to roles that are kept from every concealed thing (charter officers, report readers, auditors, operators).
MAY_NEED_TO_KNOW = (*STAFF, *RUNNERS, Role.NATIONAL)


def listings(reader: Any) -> Q:
    """Listings, each by its own access."""
    reached = Q(access="public")
    for access, reach in REACHES.items():
        reached |= Q(access=access) & reach(reader)
    return reached


def parts(reader: Any) -> Q:
    """What hangs on a listing and is as open as the listing itself."""
    return Q(listing__in=_listings().filter(listings(reader)).values("pk"))


def places(reader: Any) -> Q:
    """Places: as the listing, but never one of a concealed listing, whoever wrote it there."""
    return Q(listing__in=_listings().filter(listings(reader)).exclude(access="concealed").values("pk"))


def contacts(reader: Any) -> Q:
    """Contacts: those of visible listings, and then by their own access, and then the person's if one is named."""
    reached = Q(access="public")
    for access, reach in REACHES.items():
        reached |= Q(access=access) & Q(listing__in=_listings().filter(reach(reader)).values("pk"))
    return parts(reader) & reached & (Q(officer="") | _named_officers(reader))


def _network(reader: Any) -> Q:
    """Members and runners of the agency's networks, its auditors; the nation. A key needs the scope."""
    if isinstance(reader, ApiKey) and ApiKey.Scope.DIRECTORY not in reader.scopes:
        return nothing()
    mine = own_networks(reader, (*INSIDERS, *RUNNERS, Role.AUDITOR))
    return Q(agency__in=members_of(mine)) | holds(reader, Role.NATIONAL)


def _restricted(reader: Any) -> Q:
    """Own staff, coordinators and auditors of the agency's networks, live shares; the nation. A key needs the scope."""
    if isinstance(reader, ApiKey):
        return _shared(reader) if ApiKey.Scope.DIRECTORY in reader.scopes else nothing()
    overseen = members_of(run_networks(reader, [Role.COORDINATOR, Role.AUDITOR]))
    own = own_agencies(reader, STAFF)
    return Q(agency__in=own) | Q(agency__in=overseen) | _shared(reader) | holds(reader, Role.NATIONAL)


def _shared(reader: Any) -> Q:
    """Listings with a live share to an agency or a network of the reader's."""
    shares = apps.get_model("directory", "Share").objects.live()
    mine = shares.filter(Q(agency__in=own_agencies(reader)) | Q(network__in=own_networks(reader)))
    return Q(pk__in=mine.values("listing"))


def _concealed(reader: Any) -> Q:
    """Own staff; people with a live need-to-know grant. Never a key, and nobody by running or overseeing a network."""
    if person_of(reader) is None:
        return nothing()
    known = Q(pk__in=grants.held(apps.get_model("directory", "Listing"), reader)) & holds(reader, *MAY_NEED_TO_KNOW)
    return Q(agency__in=own_agencies(reader, STAFF)) | known


def _named_officers(reader: Any) -> Q:
    """Contacts that name a person: for the people of the agency's networks. No key has that scope yet; the nation and
    auditors see them only with a fresh second factor or masked, so until there is such a thing not at all."""
    if person_of(reader) is None:
        return nothing()
    return Q(listing__in=_listings().filter(agency__in=members_of(own_networks(reader))).values("pk"))


def _listings() -> QuerySet[Listing]:
    return apps.get_model("directory", "Listing").objects.order_by()  # type: ignore[no-any-return]


REACHES = {"network": _network, "restricted": _restricted, "concealed": _concealed}
