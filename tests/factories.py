"""Rows for tests of the two lowest floors that hold any. Each package above has a `tests/<package>/factories.py`."""

from __future__ import annotations

import datetime as dt
from typing import Any

import factory
from factory.django import DjangoModelFactory

from accounts.models import User
from network.models import Agency, Appointment, Area, Membership, Network

LONG_AGO = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


class AreaFactory(DjangoModelFactory[Area]):
    class Meta:
        model = Area

    kind = Area.Kind.COUNCIL
    name = factory.Sequence(lambda n: f"Area {n}")
    source = "made up for tests"
    source_on = dt.date(2026, 1, 1)


class NetworkFactory(DjangoModelFactory[Network]):
    class Meta:
        model = Network

    name = factory.Sequence(lambda n: f"Network {n}")
    prefix = factory.Sequence(lambda n: f"N{n}"[:4])
    starts_on = dt.date(2024, 1, 1)


class AgencyFactory(DjangoModelFactory[Agency]):
    """An agency; `network=…` makes it a live member."""

    class Meta:
        model = Agency
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Agency {n}")
    kind = Agency.Kind.CHARITY

    @factory.post_generation
    def network(self: Any, create: bool, extracted: Network | None, **kwargs: Any) -> None:
        if extracted:
            Membership.objects.create(network=extracted, agency=self, from_at=LONG_AGO)


class UserFactory(DjangoModelFactory[User]):
    """A person without a usable password: tests sign in with `force_login`."""

    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@lantern.example")
    password = "!"


def appoint(person: User, role: str, scope: Agency | Network | None = None, **dates: Any) -> Appointment:
    """A live appointment, unless dates say otherwise."""
    place = {"agency": scope} if isinstance(scope, Agency) else {"network": scope}
    return Appointment.objects.create(person=person, role=role, **place, **{"from_at": LONG_AGO, **dates})


def person(name: str, role: str, scope: Agency | Network | None = None) -> User:
    """Somebody with one live appointment."""
    made = UserFactory(name=name, email=f"{name.partition(' ')[0].lower()}@lantern.example")
    appoint(made, role, scope)
    return made
