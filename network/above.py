"""What the floors above must do when an agency changes. Imports go down only, so settings name their module."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from network.models import Agency, Network


class Thing(NamedTuple):
    """Something that an agency keeps, and what may be said of it to who keeps it."""

    pk: UUID
    name: str
    note: str


def things(agency: Agency, reader: Any) -> list[Thing]:
    """What the agency keeps, as far as this reader may see it."""
    return cast("list[Thing]", _module().things(agency, reader))


def assured(agencies: Collection[UUID]) -> set[UUID]:
    """Which of these agencies keep at least one thing that somebody confirmed right within the last quarter."""
    return cast("set[UUID]", _module().assured(agencies))


def reindex(agency: Agency) -> None:
    """The agency has a new name: it can be found by it, and by the old one."""
    _module().reindex(agency)


def part(agency: Agency, network: Network, at: dt.datetime | None) -> None:
    """The agency leaves the network at this moment, or now: what was shared between them ends then."""
    _module().part(agency, network, at)


def follow(old: Agency, heirs: Sequence[Agency], things: Mapping[str, Agency]) -> None:
    """The agency ends: what it keeps goes to its heirs, each thing to the one chosen by its ID, else to the first."""
    _module().follow(old, heirs, things)


def tell_leads(agency: Agency, network: Network, *, subject: str, text: str, path: str) -> None:
    """Owe the leads and deputies of the agency a notice, as one of this network. The text must be fit for a mail."""
    import_string(settings.TELL_LEADS)(agency, network=network, subject=subject, text=text, path=path)


def _module() -> Any:
    return import_module(settings.AGENCY_CHANGES)
