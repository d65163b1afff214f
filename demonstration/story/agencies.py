"""Networks, the agencies in them, and the people who speak for them."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.models import User
from demonstration.people import PASSWORD, PEOPLE
from demonstration.story.world import World, told
from network.models import Agency, Agreement, Appointment, Area, Membership, Network, Signature, Suspension

CHAPTERS = ("durham", "riverside")
MONTH = 30
# Who runs the networks and the platform. The second network's people are not among those who sign in for a show.
OFFICERS = (
    ("Cora Bell", "coordinator", "DUR"),
    ("Asha Rahman", "approver", "DUR"),
    ("Faye Osborne", "reports", "DUR"),
    ("Dara Walsh", "auditor", "DUR"),
    ("Winston Achebe", "approver", "DUR"),
    ("Farid Haddad", "coordinator", "RIV"),
    ("Ceri Vaughan", "approver", "RIV"),
    ("Nora Ellis", "national", None),
    ("Omar Siddiqui", "operator", None),
)
# People who were somewhere before: (name, role then, agency then, months ago they began, months ago they left).
MOVED = (
    ("Lucy Atkinson", "lead", "Auckland Anti-Trafficking Project", 40, 8),
    ("Efua Mensah", "member", "Bright Steps", 60, 58),
    ("Owain Meredith", "member", "Prince Bishops Police", 70, 48),
)
SUSPENDED = "Its licence is under review. Nothing is shared with it until the inspectorate has answered."
YET_TO_SIGN = "Bright Steps"
AGREEMENT = (
    "We share information about modern slavery with each other lawfully, with care, and for no other purpose than to "
    "protect people and to stop those who exploit them.\n\nWe keep what is marked as it is marked. We tell the "
    "network's coordinator on the same day when something was seen by somebody who should not have seen it."
)
LEAVERS = (("Gordon Pattison", "deputy", "Harbour Advice", 50, 5), ("Iwona Krawczyk", "member", "Haven House", 30, 3))


def tell(world: World) -> None:
    """Write networks, agencies, memberships, people and appointments."""
    world.areas = {f"{area.kind}:{area.name}": area for area in Area.objects.all()}
    chapters = [told(name) for name in CHAPTERS]
    for chapter in chapters:
        _network(world, chapter)
    stories = [(chapter, story) for chapter in chapters for story in chapter["agency"]]
    _agencies(world, stories)
    _memberships(world, stories)
    _people(world, stories)
    _agreements(world, stories)


def _network(world: World, chapter: dict[str, Any]) -> None:
    network = Network.objects.create(
        name=chapter["name"],
        prefix=chapter["prefix"],
        starts_on=world.today - dt.timedelta(365 * chapter["years"]),
    )
    network.areas.set(world.areas[name] for name in chapter["areas"])
    world.networks[network.prefix] = network


def _agencies(world: World, stories: list[tuple[Any, Any]]) -> None:
    made = Agency.objects.bulk_create([_agency(world, story) for _, story in stories])
    world.agencies = {agency.name: agency for agency in made}
    covers, follows = Agency.areas.through, Agency.successors.through
    links = []
    for chapter, story in stories:
        usual = [name for name in chapter["areas"] if name.startswith("council:")]
        agency = world.agencies[story["name"]]
        links += [covers(agency=agency, area=world.areas[name]) for name in story.get("areas", usual)]
    covers.objects.bulk_create(links)
    follows.objects.bulk_create(
        follows(from_agency=world.agencies[story["name"]], to_agency=world.agencies[story["successor"]])
        for _, story in stories
        if "successor" in story
    )


def _agency(world: World, story: dict[str, Any]) -> Agency:
    domain = f"{story['domain']}.example"
    ended = _months_ago(world, story["ended"]).date() if "ended" in story else None
    return Agency(
        name=story["name"],
        former_names=story.get("former", ""),
        kind=story["kind"],
        description=story["about"],
        website=f"https://www.{domain}/",
        public_phone=world.phone(story["phone"]),
        team_email=f"team@{domain}",
        office_phone=world.phone(story["phone"]),
        first_responder_from=story.get("responder"),
        ends_on=ended,
    )


def _memberships(world: World, stories: list[tuple[Any, Any]]) -> None:
    rows = []
    for chapter, story in stories:
        agency, network = world.agencies[story["name"]], world.networks[chapter["prefix"]]
        row = Membership(network=network, agency=agency, from_at=_months_ago(world, story["since"]))
        row.until_at = _months_ago(world, story["ended"]) if "ended" in story else None
        row.suspended_at = _months_ago(world, story["suspended"]) if "suspended" in story else None
        rows.append(row)
    made = Membership.objects.bulk_create(rows)
    world.suspended = [row for row in made if row.suspended_at]


def _agreements(world: World, stories: list[tuple[Any, Any]]) -> None:
    """Each network's agreement, signed by the leads of its agencies; one agency has yet to sign."""
    begun = _months_ago(world, 28)
    title, text = "Information-sharing agreement", AGREEMENT
    made = Agreement.objects.bulk_create(
        Agreement(network=network, version=1, title=title, text=text, from_at=begun)
        for network in world.networks.values()
    )
    of = {agreement.network_id: agreement for agreement in made}
    places = [(world.networks[chapter["prefix"]], story["name"]) for chapter, story in stories]
    Signature.objects.bulk_create(
        Signature(agreement=of[network.pk], agency=world.agencies[name], signed_by=world.leads[name], signed_at=begun)
        for network, name in places
        if name in world.leads and name != YET_TO_SIGN
    )


def _people(world: World, stories: list[tuple[Any, Any]]) -> None:
    told_in = [{**story, "prefix": chapter["prefix"]} for chapter, story in stories]
    places = [(name, role, story) for story in told_in for name, role in story["people"]]
    homes = {story["name"]: story for _, story in stories}
    gone = [(name, role, homes[agency]) for name, role, agency, _, _ in LEAVERS]
    password = make_password(PASSWORD)  # one for all: made once, because making it is slow on purpose
    known = {person.name: person.email for person in PEOPLE}
    rows = [_person(world, known, password, name, "lantern") for name, _, _ in OFFICERS]
    rows += [_person(world, known, password, name, story["domain"]) for name, _, story in places]
    leavers = [
        _person(world, known, "!", name, story["domain"], is_active=False, closed_at=world.ago(30))
        for name, _, story in gone
    ]
    world.people = {person.name: person for person in User.objects.bulk_create([*rows, *leavers])}
    world.leads = {story["name"]: world.people[name] for name, role, story in places if role == "lead"}
    Appointment.objects.bulk_create([*_officers(world), *_staff(world, places), *_former(world)])
    Suspension.objects.bulk_create(
        Suspension(membership=row, reason=SUSPENDED, suspended_by=world.people["Cora Bell"]) for row in world.suspended
    )


def _person(world: World, known: dict[str, str], password: str, name: str, domain: str, **fields: Any) -> User:
    email = known.get(name) or f"{spelled(name)}@{domain}.example"
    joined = world.ago(world.chance.randint(60, 900))
    return User(name=name, email=email, password=password, joined_at=joined, **fields)


def spelled(name: str) -> str:
    """A name as the first part of an address: first and last, without accents."""
    plain = unicodedata.normalize("NFKD", name.lower().replace("ł", "l").replace("đ", "d"))
    parts = re.sub(r"[^a-z -]", "", plain).split()
    return f"{parts[0]}.{parts[-1]}"


def _officers(world: World) -> list[Appointment]:
    made = []
    for name, role, prefix in OFFICERS:
        network = world.networks[prefix] if prefix else None
        made.append(Appointment(person=world.people[name], role=role, network=network, from_at=_months_ago(world, 30)))
    return made


def _staff(world: World, places: list[tuple[str, str, dict[str, Any]]]) -> list[Appointment]:
    coordinators = {prefix: world.people[name] for name, role, prefix in OFFICERS if role == "coordinator"}
    return [
        Appointment(
            person=world.people[name],
            role=role,
            agency=world.agencies[story["name"]],
            from_at=_months_ago(world, min(story["since"], world.chance.randint(3, 40))),
            appointed_by=coordinators[story["prefix"]],
        )
        for name, role, story in places
    ]


def _former(world: World) -> list[Appointment]:
    return [
        Appointment(
            person=world.people[name],
            role=role,
            agency=world.agencies[agency],
            from_at=_months_ago(world, began),
            until_at=_months_ago(world, left),
        )
        for name, role, agency, began, left in (*MOVED, *LEAVERS)
    ]


def _months_ago(world: World, months: int) -> dt.datetime:
    return world.ago(months * MONTH, "09:00")
