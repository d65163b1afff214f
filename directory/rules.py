"""Who may see what in the directory: one rule a model, made of IDs and subqueries, with no join.

`public`: everyone. `network`: the networks of the agency. `restricted`: the agency's own staff, the coordinators of its
networks, and whom it is shared with. `concealed`: the agency's own staff, and holders of a live need-to-know grant.
What is not opened here is closed.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.apps import apps
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from audit.visible import nothing
from network import grants, prepared, standing
from network.models import ApiKey
from network.standing import Standing
from network.visibility import INSIDERS, RUNNERS, STAFF, Role, person_of

if TYPE_CHECKING:
    from directory.models import Listing

# A grant does not open the door to people without an appointment, nor to roles that are kept from every concealed
# thing: charter officers, report readers, auditors, operators.
MAY_NEED_TO_KNOW = (*STAFF, *RUNNERS, Role.NATIONAL)


def listings(reader: Any) -> Q:
    """Listings, each by its own access."""
    return _prepared(reader, standing.of(reader))


def parts(reader: Any) -> Q:
    """What hangs on a listing and is as open as the listing itself."""
    return Q(_its_listing(listings(reader)))


def places(reader: Any) -> Q:
    """Places: as the listing, but never one of a concealed listing, whoever wrote it there."""
    return Q(_its_listing(listings(reader) & ~Q(access="concealed")))


def contacts(reader: Any) -> Q:
    """Contacts: those of visible listings, and then by their own access, and then the person's if one is named."""
    here = standing.of(reader)
    reached = Q(access="public")
    for access, reach in REACHES.items():
        reached |= Q(access=access) & Q(_its_listing(reach(reader, here)))
    return Q(_its_listing(_prepared(reader, here))) & reached & (Q(officer="") | _named_officers(reader, here))


def _listings(reader: Any, here: Standing) -> Q:
    reached = Q(access="public")
    for access, reach in REACHES.items():
        reached |= Q(access=access) & reach(reader, here)
    return reached


def _network(reader: Any, here: Standing) -> Q:
    """Members and runners of the agency's networks, its auditors; the nation. A key needs the scope."""
    if not _reads_directory(reader):
        return nothing()
    if here.holds(Role.NATIONAL):
        return Q()
    return Q(agency__in=standing.members_of(here.networks(*INSIDERS, *RUNNERS, Role.AUDITOR)))


def _restricted(reader: Any, here: Standing) -> Q:
    """Own staff, coordinators and auditors of the agency's networks, live shares; the nation. A key needs the scope."""
    if not _reads_directory(reader):
        return nothing()
    if here.holds(Role.NATIONAL):
        return Q()
    shared = Q(pk__in=_shared(reader, here))
    if here.is_key:
        return shared
    overseen = standing.members_of(here.networks(Role.COORDINATOR, Role.AUDITOR))
    return Q(agency__in=here.agencies(*STAFF)) | Q(agency__in=overseen) | shared


def _concealed(reader: Any, here: Standing) -> Q:
    """Own staff; people with a live need-to-know grant. Never a key, and nobody by running or overseeing a network."""
    if person_of(reader) is None:
        return nothing()
    own = Q(agency__in=here.agencies(*STAFF))
    return own | Q(pk__in=known_to(reader)) if here.holds(*MAY_NEED_TO_KNOW) else own


def _named_officers(reader: Any, here: Standing) -> Q:
    """Contacts that name a person: for the people of the agency's networks. No key has that scope yet; the nation and
    auditors see them only with a fresh second factor or masked, so until there is such a thing not at all."""
    if person_of(reader) is None:
        return nothing()
    return Q(_its_listing(Q(agency__in=standing.members_of(here.networks(*INSIDERS, *RUNNERS)))))


def _shared(reader: Any, here: Standing) -> RawSQL:
    """IDs of the listings with a live share to an agency or a network of the reader's; for a key, of its agency's."""
    networks = here.networks(*INSIDERS, *RUNNERS)
    agencies = {reader.agency_id} if here.is_key and networks else here.agencies(*INSIDERS)
    return shared_with(agencies, networks)


@prepared.prepared_for
def shared_with(agencies: Collection[UUID], networks: Collection[UUID]) -> QuerySet[Any]:
    """IDs of the listings with a live share to one of these agencies or networks."""
    shares = apps.get_model("directory", "Share").objects.live()
    return shares.filter(Q(agency__in=agencies) | Q(network__in=networks)).values("listing")  # type: ignore[no-any-return]


@prepared.prepared
def known_to(reader: Any) -> QuerySet[Any]:
    """IDs of the listings on which the person holds a live need-to-know grant."""
    return grants.held(apps.get_model("directory", "Listing"), reader)


def _reads_directory(reader: Any) -> bool:
    """Whether anything but what is public is open at all: people stand by their roles, a key needs the scope."""
    return not isinstance(reader, ApiKey) or ApiKey.Scope.DIRECTORY in reader.scopes


def _its_listing(rule: Q) -> Exists:
    rows: QuerySet[Listing] = apps.get_model("directory", "Listing").objects.order_by()
    return Exists(rows.filter(rule, pk=OuterRef("listing")))


_prepared = prepared.prepared_rule("directory.Listing", _listings)
REACHES = {"network": _network, "restricted": _restricted, "concealed": _concealed}
