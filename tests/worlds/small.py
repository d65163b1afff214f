"""A small world to begin with: two networks, four agencies, a dozen people, one of each class of listing."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

from accounts.models import User
from accounts.tokens import digest_of
from alerts import climbing
from directory import search
from directory.models import Contact, Listing, OpeningHours, Place
from network.models import Agency, Agreement, ApiKey, Appointment, Membership, Network, Signature
from tests.alerts import factories
from tests.worlds.asking import Questions
from tests.worlds.clock import Clock
from training.models import Course

NETWORKS = "XY"
MEMBERS = {"Ash": "X", "Birch": "XY", "Cedar": "Y", "Dock": ""}  # Dock is joining X
ROLES = {
    "al": ("lead", "Ash"),
    "am": ("member", "Ash"),
    "ac": ("charter", "Ash"),
    "bl": ("deputy", "Birch"),
    "cl": ("lead", "Cedar"),
    "dl": ("lead", "Dock"),
    "co": ("coordinator", "X"),
    "cy": ("coordinator", "Y"),
    "ap": ("approver", "X"),
    "au": ("auditor", "X"),
    "na": ("national", ""),
    "no": ("", ""),
}
PEOPLE = tuple(ROLES)
AGENCIES = tuple(MEMBERS)
LONG = 5000


@dataclass
class Small:
    """The rows by their short names."""

    clock: Clock
    networks: dict[str, Network] = field(default_factory=dict)
    agencies: dict[str, Agency] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    listings: dict[str, Listing] = field(default_factory=dict)
    secrets: dict[Any, str] = field(default_factory=dict)
    questions: Questions = field(default_factory=Questions)
    numbers: Any = field(default_factory=lambda: itertools.count(10))

    @property
    def keys(self) -> dict[str, ApiKey]:
        """The keys there are, by secret."""
        return {self.secrets[key.pk]: key for key in ApiKey.objects.all() if key.pk in self.secrets}


def build(clock: Clock) -> Small:
    """The world, before anything happens."""
    made = Small(clock)
    for name in NETWORKS:
        network = made.networks[name] = Network.objects.create(name=name, prefix=f"Z{name}", starts_on="2024-01-01")
        agree(made, network, 1)
        Course.objects.create(network=network, title=f"Course {name}", summary="All.")
    for name in PEOPLE:
        made.people[name] = User.objects.create(name=f"{name}zz", email=f"{name}@x.example", password="!")
    for name, networks in MEMBERS.items():
        made.agencies[name] = Agency.objects.create(name=name, kind="charity")
        for network in networks:
            join(made, name, network, clock.past(LONG))
    join(made, "Dock", "X", None)
    for name, (role, where) in ((one, ROLES[one]) for one in PEOPLE if ROLES[one][0]):
        appoint(made, name, role, where, -LONG, None)
    for agency in AGENCIES:
        for access in Listing.Access.values if agency == "Ash" else ("network", "restricted"):
            add(made, agency, access)
    key(made, "Ash", "al", ["directory", "contacts", "alerts"])
    _warn(made, "X", "co", "Ash", "Birch", roles=["deputy", "member"])
    _warn(made, "X", "co", "Ash", "Birch", roles=["lead"], tlp="AMBER", approver=User.objects.get(name="apzz"))
    _warn(made, "Y", "cy", "Birch", "Cedar", roles=["deputy", "lead"])
    clock.forward(1)
    climbing.climb()
    return made


def _warn(world: Small, network: str, by: str, *names: str, **other: Any) -> None:
    """An alert that cannot wait, and that nobody acknowledges in the first hour."""
    author = User.objects.get(pk=world.people[by].pk)
    to = [world.agencies[name] for name in names]
    title = f"Al{next(world.numbers)}"
    factories.released(world.networks[network], author, *to, title=title, urgency="Immediate", **other)


def join(world: Small, agency: str, network: str, from_at: Any) -> None:
    """A membership; who begins with one has signed."""
    place = {"agency": world.agencies[agency], "network": world.networks[network]}
    Membership.objects.create(**place, from_at=from_at)
    if from_at:
        sign(world, **place)


def agree(world: Small, network: Network, version: int) -> Agreement:
    """A version of a network's agreement, in force from now on."""
    return Agreement.objects.create(
        network=network, version=version, title=f"Version {version}", text="Share.", from_at=world.clock.now
    )


def sign(world: Small, agency: Agency, network: Network) -> None:
    """The agency signs all there is to sign there, whoever may."""
    for agreement in Agreement.objects.filter(network=network).exclude(signatures__agency=agency):
        Signature.objects.create(
            agreement=agreement, agency=agency, signed_by=world.people["no"], signed_at=world.clock.now
        )


def appoint(world: Small, name: str, role: str, where: str, begins: float, ends: float | None) -> Appointment:
    """An appointment with these dates, in hours from now."""
    return Appointment.objects.create(
        person=world.people[name], role=role, agency=world.agencies.get(where), network=world.networks.get(where),
        from_at=world.clock.at(begins), until_at=world.clock.at(ends),
    )  # fmt: skip


def add(world: Small, agency: str, access: str) -> Listing:
    """A listing with a desk of each class from its own on, and two named officers."""
    number = next(world.numbers)
    listing = Listing.objects.create(
        agency=world.agencies[agency], access=access, name=f"Wd{number} {access[:3]}", summary=f"Sm{number}"
    )
    OpeningHours.objects.create(listing=listing, weekday=0)
    Place.objects.create(listing=listing, street=f"St{number}", town="Town")
    stricter = Listing.Access(access).as_strict
    for of in stricter:
        Contact.objects.create(listing=listing, access=of, function=f"Ds{number}{of[:3]}", phone="0191 498 0100")
    for of in {stricter[-1], *stricter[:1]} - {"public"}:
        Contact.objects.create(
            listing=listing, access=of, function=f"Of{number}{of[:3]}", officer=f"Nn{number}{of[:3]}"
        )
    search.index([listing])
    world.listings[listing.name] = listing
    return listing


def key(world: Small, agency: str, owner: str, scopes: list[str]) -> ApiKey:
    """A key whose secret we know."""
    secret = f"lan_{next(world.numbers)}"
    made = ApiKey.objects.create(
        agency=world.agencies[agency], owner=world.people[owner], name="Key", digest=digest_of(secret),
        scopes=scopes, expires_at=world.clock.at(3),
    )  # fmt: skip
    world.secrets[made.pk] = secret
    return made
