"""A directory as large as a nation's: 100,000 listings, 10,000 people, 200 agencies in ten networks, 20,000 grants."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.utils import timezone
from guardian.models import GroupObjectPermission

from accounts.models import User
from directory.models import Contact, Listing, ListingGrant, OpeningHours, Share
from directory.reference import load_helplines, load_terms
from directory.search import words
from network.models import Agency, Agreement, Appointment, Area, Membership, Network, Signature
from network.reference import load_areas

LISTINGS, PEOPLE, AGENCIES, NETWORKS, GRANTS, SHARES = 100_000, 10_000, 200, 10, 20_000, 2_000
ACCESS = (
    "public",
    "public",
    "network",
    "network",
    "network",
    "network",
    "network",
    "network",
    "restricted",
    "concealed",
)
THINGS = [
    "advice",
    "bed",
    "casework",
    "clinic",
    "counselling",
    "drop-in",
    "health",
    "helpline",
    "housing",
    "outreach",
    "police",
    "refuge",
    "school",
    "support",
]
PLACES = [
    f"{a}{b}"
    for a in ("Ash", "Beck", "Cray", "Dun", "Elm", "Fern", "Gars")
    for b in ("ford", "ham", "ley", "ton", "wick")
]
RARE_EVERY, COUNCILS = 500, 12


@dataclass(frozen=True)
class World:
    """Who looks: a member of one agency among two hundred."""

    reader: User
    agencies: list[Agency]
    people: list[User]


def people() -> World:
    """Networks, agencies, people, appointments, and the groups of the usual way."""
    starts = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
    words_and_numbers()
    networks = Network.objects.bulk_create(
        Network(name=f"Region {n}", prefix=f"B{n}", starts_on=starts.date()) for n in range(NETWORKS)
    )
    councils = list(Area.objects.filter(kind=Area.Kind.COUNCIL, ends_on=None)[: NETWORKS * COUNCILS])
    Network.areas.through.objects.bulk_create(
        Network.areas.through(network=networks[n % NETWORKS], area=area) for n, area in enumerate(councils)
    )
    agencies = Agency.objects.bulk_create(Agency(name=f"Partner {n:03}", kind="charity") for n in range(AGENCIES))
    Membership.objects.bulk_create(
        Membership(network=networks[n % NETWORKS], agency=agency, from_at=starts) for n, agency in enumerate(agencies)
    )
    agreements = Agreement.objects.bulk_create(
        Agreement(network=network, version=1, title="Agreement", text="…", from_at=starts) for network in networks
    )
    persons = User.objects.bulk_create(
        User(email=f"p{n}@bench.example", name=f"Person {n}", password="!") for n in range(PEOPLE)
    )
    Signature.objects.bulk_create(
        Signature(agreement=agreements[n % NETWORKS], agency=agency, signed_by=persons[n], signed_at=starts)
        for n, agency in enumerate(agencies)
    )
    Appointment.objects.bulk_create(
        Appointment(
            person=person, role="lead" if n < AGENCIES else "member", agency=agencies[n % AGENCIES], from_at=starts
        )
        for n, person in enumerate(persons)
    )
    names = ["everyone", *map(str, networks), *map(str, agencies)]
    groups = {group.name: group.pk for group in Group.objects.bulk_create(Group(name=name) for name in names)}
    User.groups.through.objects.bulk_create(
        User.groups.through(user_id=person.pk, group_id=groups[name])
        for n, person in enumerate(persons)
        for name in ("everyone", f"Region {n % NETWORKS}", f"Partner {n % AGENCIES:03}")
    )
    return World(persons[5_100], agencies, persons)


def words_and_numbers() -> None:
    """What the page offers to choose from, and whom to ring: as in any installation."""
    load_areas()
    load_terms()
    load_helplines()


def listings(world: World, pick: random.Random, first: int, last: int) -> None:
    """Listings number `first` to `last`, with what hangs on them and, for the usual way, a permission for a group."""
    made = Listing.objects.bulk_create((_listing(world, pick, n) for n in range(first, last)), batch_size=2_000)
    Contact.objects.bulk_create(
        (Contact(listing=row, function="Referrals", phone="0191 498 0100") for row in made), batch_size=5_000
    )
    OpeningHours.objects.bulk_create(
        (OpeningHours(listing=row, weekday=pick.randrange(7), opens=dt.time(9)) for row in made), batch_size=5_000
    )
    _grants(world, pick, made)
    _usual_way(made, world)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _listing(world: World, pick: random.Random, n: int) -> Listing:
    agency = world.agencies[n % AGENCIES]
    name = f"{pick.choice(PLACES)} {pick.choice(THINGS)} {n:06}"
    rare = "quixotic" if n % RARE_EVERY == 7 else ""
    text = words(f"{name} {agency.name} {rare} {' '.join(pick.sample(PLACES, 3))} {' '.join(pick.sample(THINGS, 4))}")
    return Listing(
        agency=agency,
        name=name,
        summary=f"Offers {pick.choice(THINGS)} and {pick.choice(THINGS)} in {pick.choice(PLACES)}",
        access=pick.choice(ACCESS),
        assured_on=timezone.localdate(),
        search_text="".join(f" {word}" for word in text),
    )


def _grants(world: World, pick: random.Random, made: list[Listing]) -> None:
    share = len(made) / LISTINGS
    see = Permission.objects.get(content_type__app_label="directory", codename="view_listing")
    until, giver = timezone.now() + dt.timedelta(hours=24), world.people[0]
    ListingGrant.objects.bulk_create(
        ListingGrant(
            user=world.reader if n % 200 == 0 else pick.choice(world.people), permission=see, reason="benchmark",
            content_object=pick.choice(made), until_at=until, given_by=giver,
        )
        for n in range(int(GRANTS * share))
    )  # fmt: skip
    Share.objects.bulk_create(
        Share(listing=pick.choice(made), agency=pick.choice(world.agencies), accepted_at=timezone.now())
        for _ in range(int(SHARES * share))
    )


def _usual_way(made: list[Listing], world: World) -> None:
    """What guardian's own tables hold in the usual set-up, to the same effect: a group for everyone, for each network
    and for each agency, and each listing to the one that may see it."""
    kind = ContentType.objects.get_for_model(Listing)
    see = Permission.objects.get(content_type=kind, codename="view_listing")
    groups: dict[str, Any] = {group.name: group.pk for group in Group.objects.all()}
    numbers = {agency.pk: n for n, agency in enumerate(world.agencies)}
    GroupObjectPermission.objects.bulk_create(
        (
            GroupObjectPermission(
                permission=see, content_type=kind, object_pk=str(row.pk), group_id=groups[_seen_by(row, numbers)]
            )
            for row in made
        ),
        batch_size=5_000,
    )


def _seen_by(listing: Listing, numbers: dict[Any, int]) -> str:
    n = numbers[listing.agency_id]
    return {"public": "everyone", "network": f"Region {n % NETWORKS}"}.get(listing.access, f"Partner {n:03}")
