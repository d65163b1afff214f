"""What a delivery is called outside: the address its bounces come to, and the reference that a provider reports about.

It holds the number of the delivery, a mark of the address it went to, and a seal over both, so that nobody can report
about what they were not sent. It names nobody. Letters are small and few, because mail servers change the case.
"""

from __future__ import annotations

import hmac
import re
from typing import NamedTuple

from django.conf import settings
from django.utils.crypto import salted_hmac

# Hexadecimal digits: 32 bits tell addresses apart, 80 cannot be guessed by asking. With a local part of 16 characters
# and a plus sign before it, a name is no longer than the 64 that may stand before an @ (RFC 5321 section 4.5.3.1.1).
MARK, SEAL = 8, 20
TOKEN = re.compile(rf"\bb-([0-9a-f]{{1,15}})-([0-9a-f]{{{MARK}}})-([0-9a-f]{{{SEAL}}})\b")


class Known(NamedTuple):
    """A delivery that somebody speaks of, and the mark of the address it went to."""

    delivery: int
    mark: str

    def went_to(self, address: str) -> bool:
        """Whether it went to this very address."""
        return hmac.compare_digest(self.mark, _mark(address))


def token(delivery: int, address: str) -> str:
    """The name of this delivery to this address: the same each time it is tried."""
    number, mark = f"{delivery:x}", _mark(address)
    return f"b-{number}-{mark}-{_seal(number, mark)}"


def known(text: str) -> Known | None:
    """The first name in the text that we gave; None when there is none, or somebody made it up."""
    for number, mark, seal in TOKEN.findall(text.lower()):
        if hmac.compare_digest(seal, _seal(number, mark)):
            return Known(int(number, 16), mark)
    return None


def sender(delivery: int, address: str, fixed: str) -> str:
    """Where the bounces of this delivery go: an address of its own, if the settings have a place for it."""
    if settings.BOUNCE_DOMAIN:
        return f"{token(delivery, address)}@{settings.BOUNCE_DOMAIN}"
    if settings.BOUNCE_ADDRESS:
        local, _, domain = settings.BOUNCE_ADDRESS.rpartition("@")
        return f"{local}+{token(delivery, address)}@{domain}"
    return fixed


def _mark(address: str) -> str:
    return _keyed("address", address.strip().lower())[:MARK]


def _seal(number: str, mark: str) -> str:
    return _keyed("delivery", f"{number} {mark}")[:SEAL]


def _keyed(purpose: str, text: str) -> str:
    """By a key derived from ours for this purpose alone."""
    return salted_hmac(f"lantern.delivery.envelopes.{purpose}", text, algorithm="sha256").hexdigest()
