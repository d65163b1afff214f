"""What operators and coordinators do to networks themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit import trail
from network import roles
from network.models import Area, Network


@transaction.atomic
def add_network(*, name: str, prefix: str, areas: Iterable[Area], by: User) -> Network:
    """Set a network up and return it; who runs it is invited next. Operators may.

    Raises PermissionDenied; ValidationError for a name or prefix that is taken, or no prefix of 2 to 4 capital letters.
    """
    network = Network(name=name.strip(), prefix=prefix.strip(), starts_on=timezone.localdate())
    roles.require(by, "network.add", network)
    if not (2 <= len(network.prefix) <= 4 and network.prefix.isascii() and network.prefix.isalpha()):
        raise ValidationError({"prefix": "The prefix must be 2 to 4 letters"})
    network.prefix = network.prefix.upper()
    network.full_clean()
    network.save(force_insert=True)
    network.areas.set(areas)
    trail.record("network.add", network, by=by)
    return network


@transaction.atomic
def edit_network(*, network: Network, name: str, areas: Iterable[Area], solo_release_limit: int, by: User) -> Network:
    """Change a network's name, areas, and how many people one coordinator may alert alone, which only gets stricter:
    an operator makes it looser. Its coordinators and operators may. Raises PermissionDenied, ValidationError."""
    roles.require(by, "network.edit", network)
    row = Network.objects.select_for_update().get(pk=network.pk)
    if solo_release_limit > row.solo_release_limit and not roles.may(by, "network.add", row):
        raise ValidationError(
            {"solo_release_limit": f"You can make this {row.solo_release_limit} or less. An operator can raise it."}
        )
    before: dict[str, Any] = {"name": row.name, "solo_release_limit": row.solo_release_limit}
    row.name, row.solo_release_limit = name.strip(), solo_release_limit
    row.full_clean()
    row.save(update_fields=["name", "solo_release_limit"])
    row.areas.set(areas)
    trail.record("network.edit", row, by=by, before=list(map(str, before.values())), limit=solo_release_limit)
    return row
