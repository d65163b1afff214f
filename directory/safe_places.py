"""Sealing a safe place, and opening it. Only `directory.actions.protected` does, once the trail tells of it.

What is sealed for one listing does not open for another, so a row copied to another listing stays shut.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from accounts import sealing

FIELDS = ("address", "postcode", "position", "getting_in")
LONGEST = {"address": 400, "postcode": 8, "position": 60, "getting_in": 2000}


@sensitive_variables()
def sealed(facts: Mapping[str, str], listing: UUID) -> str:
    """The facts as one sealed text. Raises ValidationError without an address, or for a fact that is not kept."""
    if not facts.get("address", "").strip():
        raise ValidationError("Enter the address.")
    if set(facts) - set(FIELDS) or any(len(facts.get(name, "")) > most for name, most in LONGEST.items()):
        raise ValidationError("This is more than can be kept.")
    kept = {name: facts.get(name, "").strip() for name in FIELDS}
    return sealing.seal(json.dumps(kept), purpose_of(listing))


@sensitive_variables()
def opened(text: str, listing: UUID) -> dict[str, str]:
    """The facts again. Raises `accounts.sealing.Unreadable`."""
    facts: dict[str, str] = json.loads(sealing.unseal(text, purpose_of(listing)))
    return facts


def purpose_of(listing: UUID) -> str:
    """What the text is sealed for."""
    return f"safe place of {listing}"
