"""Changing the address an account goes by: the secret that is sent to the new one, and whether it still opens anything.

It is made when the letter is handed over and stored only as a digest. Whether the new address is somebody else's is
asked then, away from the page, and once more when the change is made; the person who asks is never told.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db.models.functions import Now
from django.urls import reverse

from accounts.models import AddressChange, User
from accounts.tokens import digest_of

ENOUGH = 5  # letters to new addresses that one person may have sent within a day


def is_free(email: str) -> bool:
    """Whether nobody has this address, closed accounts included."""
    return not User.objects.filter(email=email).exists()


def opened_by(digest: str, person: User) -> AddressChange | None:
    """The change that this secret makes for this person; None for one that is unknown, used, given up or expired, that
    is somebody else's, and where the old address is not theirs any more or the new one is taken."""
    rows = AddressChange.objects.visible_to(person).open()
    change = rows.filter(digest=digest, old=person.email).first() if digest else None
    return change if change is not None and is_free(change.new) else None


def end_all(person: User) -> None:
    """No secret that was sent changes this person's address any more."""
    AddressChange.objects.filter(person=person, ended_at=None).update(ended_at=Now())


def addresses_of(person: User) -> list[str]:
    """The address that the person's account goes by, and those it has gone by: mailboxes that are theirs."""
    made = AddressChange.objects.filter(person=person, made_at__isnull=False)
    return [person.email, *made.values_list("old", flat=True)]


def forget_over() -> None:
    """Clear away what was asked for more than a day ago and not made. Nothing depends on it."""
    AddressChange.objects.filter(asked_at__lte=Now() - AddressChange.LASTS, made_at=None).delete()


def link_for(change: AddressChange) -> str | None:
    """The address of the page that confirms, with a secret made now; None where there is nothing to confirm. The digest
    is written first, so that no link is out that nobody knows of."""
    token = secrets.token_urlsafe(32)
    rows = AddressChange.objects.open().filter(pk=change.pk)
    if not is_free(change.new) or not rows.update(digest=digest_of(token)):
        return None
    return settings.BASE_URL + reverse("account_open_address", args=[token])
