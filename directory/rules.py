"""Who may see what in the directory: one rule a model, made of IDs and subqueries.

`public`: everyone. `network`: the networks of the agency. `restricted`: the agency's own staff, the coordinators of its
networks, and whom it is shared with. `concealed`: the agency's own staff, and holders of a live need-to-know grant.
What hangs on a listing asks for the listing first, so that it can be stricter and never looser. What is not opened here
is closed.
"""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from audit.visible import all_if, nothing
from network import grants, standing
from network.models import ApiKey
from network.standing import KEY, Standing, members_of
from network.visibility import INSIDERS, LEADS, RUNNERS, STAFF, Role

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


def shares(reader: Any) -> Q:
    """Shares: all of their agency's listings for its leads, those of restricted listings for the coordinators of its
    networks; and offers and live shares for the leads of the agency, or coordinators of the network, they are with."""
    here = standing.of(reader)
    own = Q(listing__agency__in=here.agencies(*LEADS))
    overseen = Q(listing__agency__in=members_of(here.networks(Role.COORDINATOR)), listing__access="restricted")
    to_us = Q(agency__in=here.agreed.agencies(*LEADS)) | Q(network__in=here.networks(Role.COORDINATOR))
    return own | overseen | (to_us & Q(pk__in=_table("Share").objects.open().order_by().values("pk")))


def loosenings(reader: Any) -> Q:
    """Wishes to open a listing or a contact that one sees: for the agency's leads and its networks' coordinators."""
    here = standing.of(reader)
    run = members_of(here.networks(Role.COORDINATOR))
    theirs = Q(listing__agency__in=here.agencies(*LEADS)) | Q(listing__agency__in=run)
    contact = Q(contact=None) | Q(contact__in=_table("Contact").objects.filter(contacts(here)).order_by().values("pk"))
    return _reached(here, "listing__") & theirs & contact


def covers(reader: Any) -> Q:
    """What concealed listings are called: for their agency's staff, and the coordinators and auditors of its networks.
    Which of the two names one learns is `directory.covers`' to say."""
    here = standing.of(reader)
    if here.person is None:
        return nothing()
    overseen = members_of(here.networks(Role.COORDINATOR, Role.AUDITOR))
    known = Q(listing__agency__in=here.agencies(*STAFF)) | Q(listing__agency__in=overseen)
    return Q(listing__access="concealed") & known


def safe_places(reader: Any) -> Q:
    """Safe places that one may ask to be shown, of listings one sees: the agency's leads, and holders of a live grant.
    Never a key, and never of a listing that is neither restricted nor concealed."""
    here = standing.of(reader)
    if here.person is None:
        return nothing()
    opened = Q(listing__agency__in=here.agencies(*LEADS))
    if here.agreed.holds(*MAY_NEED_TO_KNOW):
        opened |= Q(pk__in=grants.held(_table("SafePlace"), here))
    return _reached(here, "listing__") & Q(listing__access__in=["restricted", "concealed"]) & opened


def safe_place_changes(reader: Any) -> Q:
    """Wishes to change a safe place: for the agency's leads."""
    return Q(listing__agency__in=standing.of(reader).agencies(*LEADS))


def listing_grants(reader: Any) -> Q:
    """Grants on concealed listings: all for the agency's leads, live ones for the coordinators of its networks, who may
    end them; and one's own, as long as they open something."""
    here = standing.of(reader)
    return _grants(here, _reached(here, "content_object__"), "content_object__")


def safe_place_grants(reader: Any) -> Q:
    """Grants on safe places: as those on listings."""
    here = standing.of(reader)
    opened = _table("SafePlace").objects.filter(safe_places(here)).order_by().values("pk")
    return _grants(here, Q(content_object__in=opened), "content_object__listing__")


def mobiles(reader: Any) -> Q:
    """Mobile numbers that one may ask for, of contacts one sees: one's own, and those of one's own agency; those on
    call for people of the agency's networks; all there for its coordinators; and for the nation."""
    here = standing.of(reader)
    if here.person is None:
        return nothing()
    seen = _table("Contact").objects.filter(contacts(here)).order_by().values("pk")
    agency = "contact__listing__agency__in"
    own = Q(person=here.person) | Q(**{agency: here.agencies(*INSIDERS)})
    on_call = Q(on_call=True, **{agency: members_of(here.networks(*INSIDERS, Role.APPROVER))})
    run = Q(**{agency: members_of(here.networks(Role.COORDINATOR))})
    return Q(contact__in=seen) & (own | on_call | run | all_if(here.holds(Role.NATIONAL)))


def _grants(here: Standing, opened: Q, listing: str) -> Q:
    if here.person is None:
        return nothing()
    live, agency = Q(until_at__gt=Now()), f"{listing}agency__in"
    run = Q(**{agency: members_of(here.networks(Role.COORDINATOR))})
    return Q(**{agency: here.agencies(*LEADS)}) | (live & run) | (live & opened & Q(user=here.person))


def _table(name: str) -> Any:
    """A model of this package: the models ask this module for their rules, so it cannot import them."""
    return apps.get_model("directory", name)


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
    granted = grants.held(_table("Listing"), here)
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
    live = _table("Share").objects.live()
    return live.filter(to_agency | to_network).order_by().values("listing")  # type: ignore[no-any-return]


def _reads_directory(here: Standing) -> bool:
    """Whether anything but what is public is open at all: people stand by their roles, a key needs the scope."""
    return here.key is None or ApiKey.Scope.DIRECTORY in here.key.scopes


REACHES = {"network": _network, "restricted": _restricted, "concealed": _concealed}
