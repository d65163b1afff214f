"""What one person can see of the directory: as far as the one who asks sees it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from directory.access import Access
from directory.explaining import Words
from directory.models import Listing, ListingGrant, Share
from directory.reasons import facts_of, why
from network import grants, sight, standing
from network.sight import Known
from network.standing import Standing
from network.visibility import INSIDERS, LEADS, RUNNERS

MOST_AGENCIES, MOST_LISTINGS = 100, 100
CLOSED = (Access.RESTRICTED, Access.CONCEALED)


@dataclass(frozen=True)
class Held:
    """A listing that is not open to a whole network, and why the person sees it."""

    listing: Listing
    reasons: list[str]


@dataclass(frozen=True)
class Directory:
    """How many listings of each access and agency, the closed ones with the reasons, and the person's grants and the
    shares with their agencies and networks. `more` says that there are more closed ones than are shown."""

    by_access: list[tuple[str, int]]
    by_agency: list[tuple[str, int]]
    held: list[Held]
    more: bool
    grants: list[Any]
    shares: list[Share]


def of_person(person: User, *, by: Any) -> Directory:
    """What the person can see now, of what the asker sees as well, and by the roles the asker may hear of. Of anything
    else not even the number. Ask first whether they may ask. About twenty queries, whatever there is."""
    known, asker = sight.known_to(by), standing.of(by)
    here = sight.as_known(standing.of(person), known)
    both = Listing.objects.visible_to(asker).filter(Listing.seen_by(here))
    by_access = dict(both.order_by().values_list("access").annotate(number=Count("pk")))
    agencies = both.order_by("agency__name").values_list("agency__name").annotate(number=Count("pk"))
    closed = list(both.filter(access__in=CLOSED).select_related("agency").order_by("name", "pk")[: MOST_LISTINGS + 1])
    return Directory(
        by_access=[(access.label, by_access[access.value]) for access in Access if access.value in by_access],
        by_agency=list(agencies[:MOST_AGENCIES]),
        held=_held(closed[:MOST_LISTINGS], here, asker, known),
        more=len(closed) > MOST_LISTINGS,
        grants=_grants(person.pk, asker),
        shares=list(_shares(here, asker)),
    )


def _held(listings: list[Listing], here: Standing, asker: Standing, known: Known) -> list[Held]:
    facts, places = facts_of(listings), sight.nobody()
    found = []
    for listing in listings:
        words = Words(places, known, facts[listing.pk], inside=listing.agency_id in asker.agencies(*LEADS))
        found.append(Held(listing, sight.in_words(words.reasons(why(facts[listing.pk], here)))))
    return found


def _grants(person: UUID, asker: Standing) -> list[Any]:
    """Live grants that the asker may know of, on listings that they see."""
    seen = Listing.objects.visible_to(asker).order_by().values("pk")
    rows = ListingGrant.objects.visible_to(asker).filter(user=person, content_object__in=seen)
    live = grants.live(Listing).filter(pk__in=rows.order_by().values("pk"))
    return list(live.select_related("given_by", "content_object").order_by("until_at"))


def _shares(here: Standing, asker: Standing) -> QuerySet[Share]:
    """Live shares with the person's agencies and networks, of listings that the asker sees."""
    agreed = here.agreed
    with_them = Q(agency__in=agreed.agencies(*INSIDERS)) | Q(network__in=agreed.networks(*INSIDERS, *RUNNERS))
    seen = Listing.objects.visible_to(asker).order_by().values("pk")
    found = Share.objects.live().filter(with_them, listing__in=seen).select_related("listing", "agency", "network")
    return found.order_by("listing__name", "pk")[:MOST_LISTINGS]
