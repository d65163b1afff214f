"""One-click unsubscribing: the link in a letter speaks for its person, about one kind of message by one channel. What
cannot wait it never turns off (`delivery.wishes.wanted`).

It is signed and says nothing that could be read but a number. It opens nothing else, so it has no end: a letter of last
year can be unsubscribed from as well (RFC 8058 asks that no sign-in stands in the way).
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from django.core.signing import BadSignature, Signer

from accounts.models import User
from delivery.models import Mailing

# What may be muted; the rest cannot wait, or is about running the network.
MUTABLE = (Mailing.Kind.ALERT, Mailing.Kind.TRAINING, Mailing.Kind.DIGEST)
CHANNEL = "email"
_WORDS = {
    Mailing.Kind.ALERT: "emails about alerts that can wait",
    Mailing.Kind.TRAINING: "emails about training",
    Mailing.Kind.DIGEST: "the daily summary",
}


class Muting(NamedTuple):
    """Who wants no more of which kind, and by which channel."""

    person: User
    kind: Mailing.Kind
    channel: str


def token(person: UUID, kind: str) -> str:
    """What stands in the link of this person's letters of this kind."""
    return _signer().sign(f"{person.hex}-{kind}-{CHANNEL}")


def read(given: str) -> Muting | None:
    """What the link asks for; None for one that we did not write, or of somebody who is gone."""
    try:
        person, kind, channel = _signer().unsign(given).split("-")
        known = User.objects.filter(pk=UUID(person), is_active=True).first()
        return Muting(known, Mailing.Kind(kind), channel) if known and kind in MUTABLE else None
    except (BadSignature, ValueError):
        return None


def in_words(kind: Mailing.Kind) -> str:
    """What is turned off, after “stop”."""
    return _WORDS[kind]


def _signer() -> Signer:
    return Signer(salt="delivery.muting", sep=".")
