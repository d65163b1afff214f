"""Who may see what in the directory: one rule a model, made of IDs and subqueries, with no join.

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
from network.standing import KEY, Standing, members_of
from network.visibility import INSIDERS, RUNNERS, STAFF, Role

if TYPE_CHECKING:
    from directory.models import Listing

# A grant does not open the door to people without an appointment, nor to roles that are kept from every concealed
# thing: charter officers, report readers, auditors, operators.
MAY_NEED_TO_KNOW = (*STAFF, *RUNNERS, Role.NATIONAL)


def listings(reader: Any) -> Q:
    """Listings, each by its own access."""
    here = standing.of(reader)
    reached = Q(access="public")
    for access, reach in REACHES.items():
        reached |= Q(access=access) & reach(here)
    return reached


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
        reached |= Q(access=access) & Q(_its_listing(reach(here)))
    return parts(here) & reached & (Q(officer="") | _named_officers(here))


def _network(here: Standing) -> Q:
    """Members and runners of the agency's networks, its auditors; the nation. A key needs the scope."""
    if not _reads_directory(here):
        return nothing()
    if here.holds(Role.NATIONAL):
        return Q()
    return Q(agency__in=members_of(here.networks(KEY, *INSIDERS, *RUNNERS, Role.AUDITOR)))


def _restricted(here: Standing) -> Q:
    """Own staff, coordinators and auditors of the agency's networks, live shares; the nation. A key needs the scope,
    and sees what is shared."""
    if not _reads_directory(here):
        return nothing()
    if here.holds(Role.NATIONAL):
        return Q()
    overseen = members_of(here.networks(Role.COORDINATOR, Role.AUDITOR))
    return Q(agency__in=here.agencies(*STAFF)) | Q(agency__in=overseen) | Q(pk__in=_shared(here))


def _concealed(here: Standing) -> Q:
    """Own staff; people with a live need-to-know grant. Never a key, and nobody by running or overseeing a network."""
    if here.person is None:
        return nothing()
    own = Q(agency__in=here.agencies(*STAFF))
    granted = grants.held(apps.get_model("directory", "Listing"), here)
    return own | Q(pk__in=granted) if here.holds(*MAY_NEED_TO_KNOW) else own


def _named_officers(here: Standing) -> Q:
    """Contacts that name a person: for the people of the agency's networks. No key has that scope yet; the nation and
    auditors see them only with a fresh second factor or masked, so until there is such a thing not at all."""
    return Q(_its_listing(Q(agency__in=members_of(here.networks(*INSIDERS, *RUNNERS)))))


def _shared(here: Standing) -> QuerySet[Any]:
    """IDs of the listings with a live share to an agency or a network of the reader's; for a key, of its agency's."""
    to_agency = Q(agency__in=here.agencies(KEY, *INSIDERS))
    to_network = Q(network__in=here.networks(KEY, *INSIDERS, *RUNNERS))
    shares = apps.get_model("directory", "Share").objects.live()
    return shares.filter(to_agency | to_network).order_by().values("listing")  # type: ignore[no-any-return]


def _reads_directory(here: Standing) -> bool:
    """Whether anything but what is public is open at all: people stand by their roles, a key needs the scope."""
    return here.key is None or ApiKey.Scope.DIRECTORY in here.key.scopes


def _its_listing(rule: Q) -> Exists:
    rows: QuerySet[Listing] = apps.get_model("directory", "Listing").objects.order_by()
    return Exists(rows.filter(rule, pk=OuterRef("listing")))


REACHES = {"network": _network, "restricted": _restricted, "concealed": _concealed}
