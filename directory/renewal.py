"""Sealing safe places again, when the key that seals them changes."""

from __future__ import annotations

from accounts.sealing import reseal
from directory.models import SafePlace, SafePlaceChange
from directory.safe_places import purpose_of


def seal_again() -> int:
    """Seal every safe place, and every wish to change one, with the newest key; return how many there were.

    Call it in a transaction. Raises `accounts.sealing.Unreadable` when one does not open.
    """
    done = 0
    for model in (SafePlace, SafePlaceChange):
        for row in model.objects.select_for_update().exclude(sealed=""):
            again = reseal(row.sealed, purpose_of(row.listing_id))
            done += model.objects.filter(pk=row.pk).update(sealed=again)
    return done
