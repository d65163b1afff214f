"""What waits for somebody today: an agency that joins, letters, a handover, a new agreement, a merger, second persons.

Told last, through the actions that people use, so that the trail tells of it as it would of anybody.
"""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from accounts.tokens import digest_of
from demonstration.people import PASSWORD
from demonstration.story.agencies import AGREEMENT
from demonstration.story.protected import LARCHES, SAFE_PLACE
from demonstration.story.world import World
from directory.access import Access
from directory.actions.loosening import ask_to_loosen
from directory.actions.protected import ask_safe_place
from directory.models import Listing
from network import above, actions
from network.actions import agreements, joining, succession
from network.models import Agency, Agreement, Appointment, Area, Invitation, Membership, Network
from training import actions as training
from training.models import Course

Role = Appointment.Role
JOINING, DOMAIN = "Pennine Night Stop", "penninenightstop.example"
ENDING, FOLLOWING = "Weardale Foodbank Network", "Harbour Advice"
VISITS = "Trading standards and licensing: joint visits"
DAY_OFF = dt.timedelta(days=28)
SECOND = (
    "\n\nA mobile number or an address that was shown to one of us is not written down elsewhere. Whoever leaves "
    "their agency gives back what they hold on the day they leave."
)


def tell(world: World) -> None:
    """Do it all, as the people of the story."""
    for person in world.people.values():
        person.factor_at = world.now  # each of them has just confirmed that it is them
    agreement = _second_version(world)
    _joins(world, agreement)
    _letters(world)
    _handover(world)
    _merger(world)
    _second_persons(world)
    _not_announced(world)


def _second_version(world: World) -> Agreement:
    """Published today; two agencies have signed, the others have four weeks."""
    made = agreements.publish(
        network=world.networks["DUR"],
        title="Information-sharing agreement",
        text=AGREEMENT + SECOND,
        former_until=world.now + DAY_OFF,
        by=world.people["Cora Bell"],
    )
    for name in ("Durham County Council", "Prince Bishops Police"):
        _sign(made, world.agencies[name], world.leads[name])
    return made


def _sign(agreement: Agreement, agency: Agency, lead: User) -> None:
    agreements.sign(agreement=agreement, agency=agency, signed_as=lead.name, position="Lead", by=lead)


def _joins(world: World, agreement: Agreement) -> None:
    """Its lead has come, and signed; a second lead is invited, and nobody has confirmed the entry."""
    place = joining.start(
        network=world.networks["DUR"],
        name=JOINING,
        kind=Agency.Kind.CHARITY,
        areas=[area for area in world.areas.values() if area.kind == Area.Kind.COUNCIL and area.name == "Darlington"],
        email_domains=[DOMAIN],
        lead_name="Rhona Blakeney",
        lead_email=f"rhona.blakeney@{DOMAIN}",
        by=world.people["Cora Bell"],
    )
    rhona = _accepts(world, place)
    _sign(agreement, place.agency, rhona)
    _invite("Idris Vale", DOMAIN, Role.DEPUTY, place.agency, rhona)


def _accepts(world: World, place: Membership) -> User:
    """The first lead has followed the link of the letter."""
    asked = Invitation.objects.get(agency=place.agency_id)
    asked.digest = digest_of(PASSWORD)
    asked.save(update_fields=["digest"])
    known = world.people["Mia Hughes"].password  # hashed once for all
    rhona: User = User.objects.create(name=asked.name, email=asked.email, password=known, joined_at=world.now)
    world.people[rhona.name], world.agencies[place.agency.name] = rhona, place.agency
    actions.accept(digest=asked.digest, by=rhona)
    return rhona


def _letters(world: World) -> None:
    """One to a colleague at Haven House, on its way; one into the network, which waits for Asha's yes."""
    _invite("Jo Fenwick", "havenhouse.example", Role.MEMBER, world.agencies["Haven House"], world.people["Mia Hughes"])
    _invite("Delphine Marsh", "audit.example", Role.AUDITOR, world.networks["DUR"], world.people["Omar Siddiqui"])


def _invite(name: str, domain: str, role: str, place: Agency | Network, by: User) -> None:
    email = f"{name.lower().replace(' ', '.')}@{domain}"
    actions.invite(email=email, name=name, role=role, place=place, by=by)


def _handover(world: World) -> None:
    """Katarzyna goes; Ben is asked to take over."""
    leaver, successor = world.people["Katarzyna Wójcik"], world.people["Ben Okafor"]
    haven = world.agencies["Haven House"]
    actions.ask_handover(leaver=leaver, successor=successor, place=haven, by=world.people["Mia Hughes"])


def _merger(world: World) -> None:
    """A small agency ends and Otto's takes over: it has agreed, and Otto has yet to."""
    old, heir, lead = world.agencies[ENDING], world.agencies[FOLLOWING], world.leads[ENDING]
    plan = succession.prepare(
        network=world.networks["DUR"], ending=[old], following=[heir], new=[], by=world.people["Cora Bell"]
    )
    parties = {party.agency_id: party for party in plan.parties.select_related("agency", "succession")}
    goes = str(parties[heir.pk].pk)
    people = {str(row.pk): goes for row in Appointment.objects.live().filter(agency=old)}
    things = {str(thing.pk): goes for thing in above.things(old, lead)}
    succession.agree(party=parties[old.pk], people=people, things=things, by=lead)


def _second_persons(world: World) -> None:
    """A listing that Cora may allow more people to see, a safe place for Mia to look at, and a key of Mia's."""
    rows = {row.name: row for row in Listing.objects.filter(name__in=[LARCHES, VISITS]).select_related("agency")}
    visits = rows[VISITS]
    ask_to_loosen(listing=visits, contact=None, access=Access.NETWORK, by=world.leads[visits.agency.name])
    facts = {**SAFE_PLACE, "getting_in": "Ring the duty phone from the corner. Since the works, use the front gate."}
    ask_safe_place(listing=rows[LARCHES], facts=facts, by=world.people["Blessing Adeyemi"])
    actions.issue_key(
        agency=world.agencies["Haven House"],
        name="Case records",
        scopes=["directory"],
        expires_at=world.now + dt.timedelta(days=180),
        by=world.people["Mia Hughes"],
    )


def _not_announced(world: World) -> None:
    """A session that Cora has put on and not announced yet."""
    starts = world.ahead(44, "14:00")
    training.schedule(
        course=Course.objects.get(title="Working with interpreters"),
        starts_at=starts,
        ends_at=starts + dt.timedelta(hours=2),
        capacity=40,
        place="Darlington, Tannery Row",
        by=world.people["Cora Bell"],
    )
