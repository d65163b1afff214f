"""What concealed listings are called by those who may know only that there is one.

Coordinators of the agency's networks learn its cover name, auditors its reference, and neither learns whose it is: with
the agency beside it, the name would say too much. Nothing else of the listing stands here.
"""

from __future__ import annotations

import re
import secrets
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from directory.models import Cover, Listing
from network import standing
from network.standing import members_of
from network.visibility import Role

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # none that is taken for another
LENGTH = 6


class Known(NamedTuple):
    """What one reader may learn: cover names, and references."""

    names: list[Cover]
    references: list[str]


def make(listing: Listing) -> Cover:
    """The listing's cover; a new one has a name that means nothing. The reference is drawn by lot, so that it does not
    tell how many there are or which came first."""
    reference = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    cover, _ = Cover.objects.get_or_create(
        listing=listing, defaults={"reference": reference, "name": f"Cover {reference}"}
    )
    return cover


def name_of(listing: Listing) -> str:
    """What coordinators call it now; empty when it was never said."""
    return Cover.objects.filter(listing=listing).values_list("name", flat=True).first() or ""


def known_to(reader: Any) -> Known:
    """The cover names of the networks this reader coordinates, and the references of those they audit."""
    here = standing.of(reader)
    covers = Cover.objects.visible_to(here)
    run = covers.filter(listing__agency__in=members_of(here.networks(Role.COORDINATOR)))
    audited = covers.filter(listing__agency__in=members_of(here.networks(Role.AUDITOR)))
    return Known(list(run.order_by("name", "reference")), list(audited.values_list("reference", flat=True)))


def require_telling_nothing(name: str, listing: Listing) -> None:
    """Pass, or raise ValidationError where the cover name has a longer word of the listing's or its agency's name."""
    if _words(name) & _words(f"{listing.name} {listing.agency.name}"):
        raise ValidationError("Choose a name that has no word of the listing’s or the agency’s own name.")


def _words(text: str) -> set[str]:
    return {word for word in re.findall(r"\w+", text.lower()) if len(word) > 3}
