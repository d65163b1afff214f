"""What the trail has to ask of the floors above it, by the names in `settings.TRAIL_GUIDE`: imports go down only."""

from __future__ import annotations

from typing import Any, NamedTuple, cast

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.utils.module_loading import import_string

Choices = list[tuple[Any, str]]


class Places(NamedTuple):
    """Whose deeds a reader may look through, as (ID, name), for filters; and whether they are an auditor."""

    networks: Choices
    agencies: Choices
    people: Choices
    may_export: bool


def places(reader: Any) -> Places:
    """The networks, agencies and people that this reader watches over; none for who reads their own deeds only."""
    return cast("Places", _ask("places", reader))


def home(reader: Any) -> Model | None:
    """The network or agency in whose name this person reads the trail."""
    return cast("Model | None", _ask("home", reader))


def audited(reader: Any) -> QuerySet[Model]:
    """The networks whose auditor this person is: theirs may be exported."""
    return cast("QuerySet[Model]", _ask("audited", reader))


def about(network: Model) -> Q:
    """The entries that concern this network and the agencies in it."""
    return cast("Q", _ask("about", network))


def _ask(name: str, subject: Any) -> Any:
    return import_string(settings.TRAIL_GUIDE[name])(subject)
