"""Who may see what in the directory: one rule a model, made of IDs and subqueries.

`public`: everyone. `network`: the networks of the agency. `restricted`: the agency's own staff, the coordinators of its
networks, and whom it is shared with. `concealed`: the agency's own staff, and holders of a live need-to-know grant.
What is not opened here is closed.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet

from audit.visible import all_if, nothing
from network import grants, standing
from network.models import ApiKey
from network.standing import KEY, Standing, members_of
from network.visibility import INSIDERS, RUNNERS, STAFF, Role

# A grant does not open the door to people without an appointment, nor to roles that are kept from every concealed
# thing: charter officers, report readers, auditors, operators.
MAY_NEED_TO_KNOW = (*STAFF, *RUNNERS, Role.NATIONAL)


def listings(reader: Any) -> Q:
    """Listings, each by its own access."""
    return _reached(standing.of(reader))


def parts(reader: Any) -> Q:
    """What hangs on a listing and is as open as the listing itself."""
    return _reached(standing.of(reader), "listing__")


def places(reader: Any) -> Q:
    """Places: as the listing, but never one of a concealed listing, whoever wrote it there."""
    return _reached(standing.of(reader), "listing__") & ~Q(listing__access="concealed")


def contacts(reader: Any) -> Q:
    """Contacts: those of visible listings, and then by their own access, and then the person's if one is named."""
    here = standing.of(reader)
    by_own_access = Q(access="public")
    for access, reach in REACHES.items():
        by_own_access |= Q(access=access) & reach(here, "listing__")
    return _reached(here, "listing__") & by_own_access & (Q(officer="") | _named_officers(here))


def _reached(here: Standing, path: str = "") -> Q:
    """The listings, or what hangs on them by this path, that are open to who stands here."""
    reached = Q(**{f"{path}access": "public"})
    for access, reach in REACHES.items():
        reached |= Q(**{f"{path}access": access}) & reach(here, path)
    return reached


def _network(here: Standing, path: str) -> Q:
    """One's own agency, also while it is joining; members and runners of the agency's networks, its auditors; the
    nation. A key needs the scope."""
    if not _reads_directory(here):
        return nothing()
    if here.holds(Role.NATIONAL):
        return Q()
    agency, members = f"{path}agency__in", members_of(here.networks(KEY, *INSIDERS, *RUNNERS, Role.AUDITOR))
    return Q(**{agency: members}) | Q(**{agency: here.agencies(*INSIDERS)})


def _restricted(here: Standing, path: str) -> Q:
    """Own staff, coordinators and auditors of the agency's networks, live shares; the nation. A key needs the scope,
    and sees what is shared."""
    if not _reads_directory(here):
        return nothing()
    if here.holds(Role.NATIONAL):
        return Q()
    overseen = members_of(here.networks(Role.COORDINATOR, Role.AUDITOR))
    agency, shared = f"{path}agency__in", Q(**{f"{path}pk__in": _shared(here)})
    return Q(**{agency: here.agencies(*STAFF)}) | Q(**{agency: overseen}) | shared


def _concealed(here: Standing, path: str) -> Q:
    """Own staff; people with a live need-to-know grant. Never a key, and nobody by running or overseeing a network."""
    if here.person is None:
        return nothing()
    own = Q(**{f"{path}agency__in": here.agencies(*STAFF)})
    granted = grants.held(apps.get_model("directory", "Listing"), here)
    return own | Q(**{f"{path}pk__in": granted}) if here.agreed.holds(*MAY_NEED_TO_KNOW) else own


def _named_officers(here: Standing) -> Q:
    """Contacts that name a person: for the people of the agency and of its networks, and for its keys with the scope;
    for the nation with a fresh second factor. Auditors do not see them."""
    scoped = here.key is not None and ApiKey.Scope.CONTACTS in here.key.scopes
    members = members_of(here.networks(*INSIDERS, *RUNNERS, *([KEY] if scoped else [])))
    of_agency = Q(listing__agency__in=members) | Q(listing__agency__in=here.agencies(*INSIDERS))
    return of_agency | all_if(here.fresh and here.holds(Role.NATIONAL))


def _shared(here: Standing) -> QuerySet[Any]:
    """IDs of the listings with a live share to an agency or a network of the reader's; for a key, of its agency's.
    Agencies must have signed the agreement that is in force."""
    to_agency = Q(agency__in=here.agreed.agencies(KEY, *INSIDERS))
    to_network = Q(network__in=here.agreed.networks(KEY, *INSIDERS, *RUNNERS))
    shares = apps.get_model("directory", "Share").objects.live()
    return shares.filter(to_agency | to_network).order_by().values("listing")  # type: ignore[no-any-return]


def _reads_directory(here: Standing) -> bool:
    """Whether anything but what is public is open at all: people stand by their roles, a key needs the scope."""
    return here.key is None or ApiKey.Scope.DIRECTORY in here.key.scopes


REACHES = {"network": _network, "restricted": _restricted, "concealed": _concealed}
