"""Rows for tests of the two lowest floors that hold any. Each package above has a `tests/<package>/factories.py`."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable
from typing import Any

import factory
from django.test import Client
from django.utils import timezone
from factory.django import DjangoModelFactory

from accounts.models import User
from network.models import Agency, Agreement, Appointment, Area, Membership, Network, Signature

LONG_AGO = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


class AreaFactory(DjangoModelFactory[Area]):
    class Meta:
        model = Area

    kind = Area.Kind.COUNCIL
    name = factory.Sequence(lambda n: f"Area {n}")
    source = "made up for tests"
    source_on = dt.date(2026, 1, 1)


class NetworkFactory(DjangoModelFactory[Network]):
    """A network with an agreement in force."""

    class Meta:
        model = Network
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Network {n}")
    prefix = factory.Sequence(lambda n: f"{n % 65536:04X}")
    starts_on = dt.date(2024, 1, 1)

    @factory.post_generation
    def agreement(self: Any, create: bool, extracted: str | None, **kwargs: Any) -> None:
        text = extracted or "We share with care."
        Agreement.objects.create(network=self, version=1, title="Sharing agreement", text=text, from_at=LONG_AGO)


class AgencyFactory(DjangoModelFactory[Agency]):
    """An agency; `network=…` makes it a live member that has signed the agreement."""

    class Meta:
        model = Agency
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Agency {n}")
    kind = Agency.Kind.CHARITY

    @factory.post_generation
    def network(self: Any, create: bool, extracted: Network | None, **kwargs: Any) -> None:
        if extracted:
            join(self, extracted)


class UserFactory(DjangoModelFactory[User]):
    """A person without a usable password: tests sign in with `force_login`."""

    class Meta:
        model = User

    name = factory.Sequence(lambda n: f"Person {n}")
    email = factory.Sequence(lambda n: f"person{n}@lantern.example")
    password = "!"


def join(agency: Agency, network: Network, **dates: Any) -> Membership:
    """A live membership, unless dates say otherwise; the agency has signed the agreement."""
    sign(agency, network)
    return Membership.objects.create(network=network, agency=agency, **{"from_at": LONG_AGO, **dates})


def sign(agency: Agency, network: Network) -> None:
    """Sign the network's agreements for the agency."""
    sign_for_all([agency], network)


def lapse(*agencies: Agency) -> None:
    """What these agencies signed is in force no longer."""
    Signature.objects.filter(agency__in=agencies).delete()


def sign_for_all(agencies: Iterable[Agency], network: Network) -> None:
    """Sign the network's agreements for each of the agencies."""
    signatory, agreements = UserFactory(name="Signatory"), list(network.agreements.all())
    Signature.objects.bulk_create(
        [
            Signature(agreement=agreement, agency=agency, signed_by=signatory, signed_at=LONG_AGO)
            for agency in agencies
            for agreement in agreements
        ],
        ignore_conflicts=True,
    )


def appoint(person: User, role: str, scope: Agency | Network | None = None, **dates: Any) -> Appointment:
    """A live appointment, unless dates say otherwise."""
    place = {"agency": scope} if isinstance(scope, Agency) else {"network": scope}
    return Appointment.objects.create(person=person, role=role, **place, **{"from_at": LONG_AGO, **dates})


def person(name: str, role: str, scope: Agency | Network | None = None) -> User:
    """Somebody with one live appointment."""
    made = UserFactory(name=name, email=f"{name.partition(' ')[0].lower()}@lantern.example")
    appoint(made, role, scope)
    return made


def fresh(someone: User) -> User:
    """The same person, who has just given a second factor: for calls of an action without a session."""
    someone.factor_at = timezone.now()
    return someone


def sign_in(client: Client, someone: User, factor: str | None = "fresh") -> Client:
    """The client, signed in as someone whose session gave a "fresh" second factor, a "stale" one (an hour ago), or
    None."""
    client.force_login(someone, backend="allauth.account.auth_backends.AuthenticationBackend")
    session, now = client.session, time.time()
    records = [{"method": "password", "at": now}]
    if factor is not None:
        given = {"fresh": now, "stale": now - 3600}[factor]
        records.append({"method": "mfa", "type": "totp", "at": given})
    session["lantern_began"] = session["lantern_seen"] = now
    session["account_authentication_methods"] = records
    session["account_authentication_methods_user"] = str(someone.pk)
    session.save()
    return client
