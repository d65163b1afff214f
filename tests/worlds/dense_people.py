"""A small made world that holds one of each kind of relation, each just inside and just outside of what counts.

Rows are written as they are, not by actions: some of them are what an action would refuse, and must be shut all the
same. Each text is unique, so that wherever it turns up it is known what leaked.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.tokens import digest_of
from alerts.models import Alert
from delivery.models import Audience
from directory.models import Listing
from network.models import (
    Agency,
    Agreement,
    ApiKey,
    Appointment,
    Membership,
    Network,
    Signature,
)
from tests.worlds.clock import Clock

LONG = 5000  # hours

# Agency: its memberships as (network, from, until, suspended) in hours from now, and the agreements it signed.
AGENCIES: dict[str, tuple[list[tuple[str, float | None, float | None, float | None]], str]] = {
    "Ash": ([("one", -LONG, None, None)], "one"),
    "Birch": ([("one", -LONG, None, None), ("two", -LONG, None, None)], "one two"),
    "Cedar": ([("one", -LONG, None, None)], ""),  # never signed
    "Dogwood": ([("two", -LONG, None, None), ("one", -LONG, None, -1)], "one two"),  # suspended in one of the two
    "Elder": ([("one", None, None, None)], "one"),  # joining, and has signed
    "Fir": ([("one", -LONG, 0, None), ("over", -LONG, None, None)], "one over"),  # left just now; the other has ended
    "Gorse": ([("one", -LONG, None, None)], "old later"),  # signed what has lapsed, and what is not in force yet
    "Hazel": ([("one", 1, None, None)], "one"),  # comes in an hour
    "Ivywood": ([("one", 0, None, 1)], "one"),  # came just now; to be suspended in an hour
    "Juniper": ([("two", -LONG, None, None)], ""),  # another network, never signed
    "Kale": ([("one", -LONG, None, -1)], "one"),  # suspended
    "Larch": ([("one", -LONG, None, None), ("two", -LONG, None, None)], "two"),  # in two networks, signed in one
}
# Person: appointments as (role, where, from, until).
PEOPLE: dict[str, list[tuple[str, str | None, float, float | None]]] = {
    "ann": [("lead", "Ash", -LONG, None)],
    "amy": [("member", "Ash", -LONG, 1)],
    "abe": [("charter", "Ash", -LONG, None)],
    "ada": [("member", "Ash", 0, None)],  # begins just now
    "alf": [("member", "Ash", 1, None)],  # begins in an hour
    "ali": [("lead", "Ash", -LONG, 0)],  # ended just now
    "art": [("member", "Ash", -LONG, None)],  # account closed
    "bob": [("deputy", "Birch", -LONG, None)],
    "bea": [("charter", "Birch", -LONG, None)],
    "cat": [("lead", "Cedar", -LONG, None)],
    "cis": [("member", "Cedar", -LONG, None), ("member", "Juniper", -LONG, None)],
    "dan": [("lead", "Dogwood", -LONG, None)],
    "eve": [("lead", "Elder", -LONG, None)],
    "fay": [("lead", "Fir", -LONG, None)],
    "guy": [("deputy", "Gorse", -LONG, None)],
    "hal": [("lead", "Hazel", -LONG, None)],
    "ivy": [("lead", "Ivywood", -LONG, None)],
    "jan": [("member", "Juniper", -LONG, None)],
    "kit": [("member", "Kale", -LONG, None)],
    "lea": [("lead", "Larch", -LONG, None)],
    "lou": [],  # no appointment at all
    "max": [("member", "Ash", -LONG, None), ("member", "Cedar", -LONG, None)],
    "cor": [("coordinator", "one", -LONG, None)],
    "cyd": [("coordinator", "two", -LONG, None)],
    "con": [("coordinator", "over", -LONG, None)],
    "cob": [("coordinator", "one", -LONG, 0)],
    "apo": [("approver", "one", -LONG, None)],
    "rae": [("reports", "one", -LONG, None)],
    "aud": [("auditor", "one", -LONG, None)],
    "aug": [("auditor", "two", -LONG, None)],
    "nat": [("national", None, -LONG, None)],
    "opa": [("operator", None, -LONG, None)],
}
# Keys: agency, owner, scopes, expires, ended.
KEYS: list[tuple[str, str, str, float, float | None]] = [
    ("Ash", "ann", "directory contacts alerts", 1, None),
    ("Ash", "ann", "alerts", 1, None),
    ("Ash", "ann", "contacts", 1, None),
    ("Birch", "bob", "directory", 1, None),
    ("Cedar", "cat", "directory alerts", 1, None),
    ("Dogwood", "dan", "directory contacts alerts", 1, None),
]
DEAD_KEYS: list[tuple[str, str, str, float, float | None]] = [
    ("Ash", "ann", "directory contacts alerts", 0, None),  # expires just now
    ("Ash", "ann", "directory contacts alerts", 1, -1),  # ended
    ("Ash", "ali", "directory contacts alerts", 1, None),  # its owner leads no longer
    ("Ash", "amy", "directory contacts alerts", 1, None),  # its owner never led
    ("Kale", "kit", "directory contacts alerts", 1, None),
    ("Fir", "fay", "directory contacts alerts", 1, None),
    ("Elder", "eve", "directory contacts alerts", 1, None),
]


@dataclass
class Dense:
    """The rows by the short names above."""

    clock: Clock
    networks: dict[str, Network] = field(default_factory=dict)
    agencies: dict[str, Agency] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    keys: list[ApiKey] = field(default_factory=list)
    dead_keys: list[ApiKey] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: itertools.count(1001))

    def unique(self, what: str) -> str:
        """A text that is nowhere else."""
        return f"{what}{next(self.numbers)}"

    @property
    def readers(self) -> list[Any]:
        """Everyone who may ask: each person, the nation once more with a fresh factor, each live key, nobody."""
        fresh = User.objects.get(pk=self.people["nat"].pk)
        fresh.factor_at = self.clock.now
        return [*self.people.values(), fresh, *self.keys, AnonymousUser()]

    def audiences(self) -> Iterator[Audience]:
        """Rules of who a message is for: everyone of a network, a kind, some named, some left out."""
        every = ["lead", "deputy", "member", "charter"]
        for network in self.networks.values():
            yield Audience.objects.create(network=network, everyone=True, roles=every)
        one = self.networks["one"]
        yield Audience.objects.create(network=one, kinds=["charity"], roles=["lead"])
        named = Audience.objects.create(network=one, roles=every)
        named.agencies.set([self.agencies[name] for name in ("Ash", "Cedar", "Dogwood", "Juniper")])
        named.excluded.set([self.agencies["Cedar"]])
        yield named


def begin(clock: Clock) -> Dense:
    """Networks, agencies, people and keys; `tests.worlds.dense` has the rest."""
    made = Dense(clock)
    for part in (_places, _people, _keys):
        part(made)
    return made


def _places(w: Dense) -> None:
    at = w.clock.at
    for name in ("one", "two", "over"):
        w.networks[name] = Network.objects.create(
            name=w.unique(f"Network {name} "), prefix=name[:3].upper(), starts_on="2024-01-01",
            ended_at=at(0) if name == "over" else None,
        )  # fmt: skip
    agreements = {
        name: Agreement.objects.create(
            network=w.networks[network], version=version, title=w.unique("Agreement "), text=w.unique("Sharing "),
            from_at=at(begins), until_at=at(ends),
        )
        for name, network, version, begins, ends in (
            ("old", "one", 1, -LONG, 0), ("one", "one", 2, 0, None), ("later", "one", 3, 1, None),
            ("two", "two", 1, -LONG, 1), ("over", "over", 1, -LONG, None),
        )
    }  # fmt: skip
    someone = w.people["sig"] = _person(w, "sig")
    for name, (memberships, signed) in AGENCIES.items():
        agency = w.agencies[name] = Agency.objects.create(
            name=w.unique(name), kind="council" if name == "Ash" else "charity", team_email=email(w, "team")
        )
        for network, begins, ends, suspended in memberships:
            Membership.objects.create(
                network=w.networks[network], agency=agency, from_at=at(begins), until_at=at(ends),
                suspended_at=at(suspended),
            )  # fmt: skip
        for one in signed.split():
            Signature.objects.create(agreement=agreements[one], agency=agency, signed_by=someone, signed_at=at(-3))


def _person(w: Dense, name: str) -> User:
    return User.objects.create(name=w.unique(f"{name.title()} Qu"), email=email(w, name), password="!")


def email(w: Dense, name: str) -> str:
    return f"{w.unique(name)}@mail.example"


def _people(w: Dense) -> None:
    at = w.clock.at
    for name, appointments in PEOPLE.items():
        person = w.people[name] = _person(w, name)
        if name == "art":
            User.objects.filter(pk=person.pk).update(is_active=False, closed_at=at(-1))
            person.refresh_from_db()
        for role, where, begins, ends in appointments:
            Appointment.objects.create(
                person=person, role=role, agency=w.agencies.get(where or ""), network=w.networks.get(where or ""),
                from_at=at(begins), until_at=at(ends),
            )  # fmt: skip


def _keys(w: Dense) -> None:
    for kept, rows in ((w.keys, KEYS), (w.dead_keys, DEAD_KEYS)):
        for agency, owner, scopes, expires, ended in rows:
            key = ApiKey.objects.create(
                agency=w.agencies[agency], owner=w.people[owner], name=w.unique("System "), scopes=scopes.split(),
                digest=digest_of(w.unique("secret")), expires_at=w.clock.at(expires), ended_at=w.clock.at(ended),
            )  # fmt: skip
            kept.append(key)
