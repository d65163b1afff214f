"""One of everything, in the hands of the cast, for the table of doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.db.models.functions import Now
from django.utils import timezone

from accounts import codes
from alerts.models import Alert, Call
from audit import trail
from audit.models import Entry
from charter.models import Adoption, Council, Evidence
from delivery.models import Breaker, Delivery, Endpoint, Number, Report, SetAside
from directory import actions as directory
from directory import need_to_know, safe_places
from directory.models import Listing, ListingGrant, Loosening, Mobile, SafePlace, SafePlaceChange, Share
from network import actions as people
from network.actions import joining as joins
from network.actions import succession as following
from network.actions.agreements import publish
from network.models import (
    Agency,
    Agreement,
    ApiKey,
    Appointment,
    Area,
    Handover,
    Invitation,
    Network,
    Party,
    Succession,
)
from tests import factories
from tests.alerts import factories as alerts
from tests.charter.factories import AdoptionFactory, CommitmentFactory, CouncilFactory, EvidenceFactory, ProgressFactory
from tests.directory.factories import ContactFactory, ListingFactory
from tests.training import factories as training
from training.models import Session

ABSENT = UUID("01900000-0000-7000-8000-000000000000")


@dataclass
class Opened:
    """What opens things, or is more private than they are: all of Haven House, and all of it waiting for an answer."""

    share: Share
    loosening: Loosening
    grant: ListingGrant
    change: SafePlaceChange
    mobile: Mobile


@dataclass
class Staffed:
    """Who has, gets or leaves a role: Ben is to leave the refuge to Mia, and somebody is invited into each place."""

    ben: UUID
    asha: UUID
    bens: Appointment
    invitations: dict[str, Invitation]
    handover: Handover


@dataclass
class World:
    """What the addresses speak of. Haven House is Mia's and Ben's; the alert went to them and to nobody else. Mia and
    Nora have set up an app for their second factor, the others nothing yet."""

    listings: dict[str, Listing]
    haven: Agency
    council: Council
    adoption: Adoption
    evidence: Evidence
    draft: Alert
    submitted: Alert
    released: Alert
    session: Session
    unannounced: Session
    key: ApiKey
    entry: Entry
    coming: Agency
    agreement: Agreement
    plan: Succession
    party: Party
    staffed: Staffed
    opened: Opened
    app: Authenticator
    endpoint: Endpoint
    told: Delivery
    set_aside: SetAside
    call: Call

    def agency(self, which: str) -> Agency:
        """The live member, or the one that is joining."""
        return {"live": self.haven, "joining": self.coming}[which]


def build(cast: dict[str, Any], durham: Any, haven: Agency, council_agency: Agency) -> World:
    """The world, made by the same actions that people use where there is one."""
    durham.areas.add(factories.AreaFactory(name="Darlington", kind=Area.Kind.COUNCIL))
    adoption = AdoptionFactory(council=CouncilFactory(agency=council_agency, code="DAL"))
    commitment = CommitmentFactory(framework=adoption.framework, number=1)
    progress = ProgressFactory(council=adoption.council, commitment=commitment)
    course = training.CourseFactory(network=durham, title="Spotting labour exploitation")
    plan = following.prepare(network=durham, ending=[haven], following=[], new=["Haven North"], by=cast["cora"])
    told = {"kind": "charity", "areas": [], "email_domains": []}
    coming = joins.start(network=durham, name="Harvest Trust", by=cast["cora"], **told)
    text, later = "We share with more care.", timezone.now() + timedelta(days=365)
    listings = {
        access.value: ListingFactory(agency=haven, access=access, name=f"{access} beds") for access in Listing.Access
    }
    for access in ("network", "restricted", "concealed"):
        ContactFactory(listing=listings[access], access=access, function="Night worker", officer="Ruth Amos")
    codes.keep_app(cast["nora"], codes.new_secret())
    released = alerts.released(durham, cast["cora"], haven)
    endpoint = Endpoint.objects.create(
        agency=haven,
        owner=cast["mia"],
        name="Case system",
        url="https://hooks.haven.example/",
        created_at=factories.LONG_AGO,
    )
    return World(
        listings=listings,
        endpoint=endpoint,
        set_aside=_unreached(cast["ben"]),
        call=Call.objects.create(alert=released, agency=haven, outcome="no_answer", by=cast["cora"]),
        told=_went_wrong(released, cast["mia"]),
        app=codes.keep_app(cast["mia"], codes.new_secret()),
        opened=_opened(listings, factories.fresh(cast["mia"]), cast["otto"].appointments.get().agency),
        coming=coming.agency,
        agreement=publish(network=durham, title="Agreement", text=text, former_until=later, by=cast["cora"]),
        plan=plan,
        party=plan.parties.get(agency=haven),
        staffed=_staffed(cast, durham, haven),
        haven=haven,
        council=adoption.council,
        adoption=adoption,
        evidence=EvidenceFactory(progress=progress),
        draft=alerts.draft(durham, cast["cora"], haven),
        submitted=alerts.submitted(durham, cast["cora"], haven),
        released=released,
        session=training.announced((cast["mia"], haven), (cast["ben"], haven), course=course),
        unannounced=training.SessionFactory(course=course),
        entry=trail.record("agency.edit", haven),
        key=ApiKey.objects.create(
            agency=haven, owner=cast["mia"], name="Case system", digest="0" * 64, expires_at="2099-01-01T00:00Z"
        ),
    )


def _unreached(ben: Any) -> SetAside:
    """Neither Ben's address nor his number works, and what the servers said of it is kept."""
    Number.objects.create(person=ben, number="+447700900123")
    SetAside.objects.create(person=ben, channel="text", address="+447700900123", detail="permanent failure")
    Breaker.objects.create(
        server="hooks.haven.example:443", failures=9, problem="refused", failing_since=timezone.now()
    )
    return SetAside.objects.create(person=ben, channel="email", address=ben.email, detail="550 5.1.1 unknown")


def _went_wrong(alert: Alert, mia: Any) -> Delivery:
    """The alert came back from Ben's server, and Mia's system refused it."""
    letters = alert.mailing.deliveries.filter(channel="email")
    letters.update(state="bounced", detail="550 5.1.1 unknown", receipt="theirs", finished_at=Now())
    for letter in letters:
        Report.objects.create(delivery=letter, kind="hard", detail="550 5.1.1 unknown", key="one")
    return Delivery.objects.create(
        recipient=alert.mailing.recipients.get(person=mia), mailing=alert.mailing, urgency=alert.mailing.urgency,
        channel="webhook", state="failed", detail="410 Gone", finished_at=Now(),
    )  # fmt: skip


def _staffed(cast: dict[str, Any], durham: Network, haven: Agency) -> Staffed:
    ben, mia, omar = cast["ben"], cast["mia"], cast["omar"]
    sam = {"email": "sam@haven.example", "name": "Sam Hill", "role": "member", "place": haven}
    vic = {"email": "vic@durham.example", "name": "Vic Ames", "role": "approver", "place": durham}
    return Staffed(
        ben=ben.pk,
        asha=cast["asha"].pk,
        bens=ben.appointments.get(),
        invitations={"agency": people.invite(by=mia, **sam), "network": people.invite(by=omar, **vic)},
        handover=people.ask_handover(leaver=ben, successor=mia, place=haven, by=cast["cora"]),
    )


def _opened(listings: dict[str, Listing], mia: Any, harbour: Agency) -> Opened:
    restricted, concealed = listings["restricted"], listings["concealed"]
    facts = {"address": "12 Example Terrace"}
    SafePlace.objects.create(listing=concealed, sealed=safe_places.sealed(facts, concealed.pk))
    una = factories.person("Una Ross", "member", harbour)
    reason = "Joint visit, agreed at the meeting"
    given = need_to_know.give(listing=concealed, person=una, with_place=False, reason=reason, hours=24, by=mia)
    return Opened(
        share=directory.offer_share(listing=restricted, to=harbour, until=None, by=mia),
        loosening=directory.ask_to_loosen(listing=restricted, contact=None, access="network", by=mia),
        grant=given[0],
        change=directory.ask_safe_place(listing=restricted, facts=facts, by=mia),
        mobile=Mobile.objects.create(
            contact=ContactFactory(listing=listings["network"]), number="07700 900982", on_call=True
        ),
    )
