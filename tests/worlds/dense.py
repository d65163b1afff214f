"""A small made world that holds one of each kind of relation, each just inside and just outside of what counts.

Rows are written as they are, not by actions: some of them are what an action would refuse, and must be shut all the
same. Each text is unique, so that wherever it turns up it is known what leaked.
"""

from __future__ import annotations

import itertools
from typing import Any

from django.contrib.auth.models import Permission

from accounts.tokens import digest_of
from alerts.models import Alert, Call, Ladder, Step
from audit.models import Entry
from charter.models import Adoption, Commitment, Council, Evidence, Framework, Note, Progress
from delivery.models import (
    Audience,
    Delivery,
    Endpoint,
    Mailing,
    Number,
    Preference,
    Quiet,
    Recipient,
    Report,
    SetAside,
)
from directory import safe_places, search
from directory.models import (
    Contact,
    Cover,
    Listing,
    ListingGrant,
    Loosening,
    Mobile,
    OpeningHours,
    Place,
    SafePlace,
    SafePlaceChange,
    SafePlaceGrant,
    Share,
)
from network.models import Handover, Invitation, Membership, Network, Party, Succession, Suspension
from tests.worlds.clock import Clock
from tests.worlds.dense_people import AGENCIES, LONG, PEOPLE, Dense, begin, email
from training.models import Booking, Course, Joining, Session

# Grants on Ash's concealed listings: to whom, on which, until.
GRANTS: list[tuple[str, str, float]] = [
    *((name, "concealed", 1) for name in ("bob", "cat", "bea", "lou", "cor", "nat", "rae", "aud", "opa", "art", "eve")),
    *((name, "concealed", 1) for name in ("ali", "kit", "guy", "con", "hal", "cis")),
    *((name, "concealed", 0) for name in ("apo", "ivy", "dan")),  # ends just now
    ("apo", "network", 1),  # its contacts have a concealed one among them
    ("cyd", "restricted", 1),  # which opens no restricted one
]
# Shares: of which listing of Ash, with whom, accepted, until.
SHARES: list[tuple[str, str, float | None, float | None]] = [
    ("restricted", "Birch", -2, None),
    ("restricted", "Cedar", -2, None),  # never signed
    ("restricted", "Kale", -2, None),  # suspended
    ("restricted", "Elder", -2, None),  # joining
    ("to two", "two", -2, 1),
    ("to one", "one", 0, None),  # accepted just now
    ("offered", "two", None, None),
    ("offered", "Birch", None, None),
    ("offered", "Ivywood", 1, None),
    ("ended", "two", -2, 0),
    ("ended", "Birch", -2, 0),
    ("concealed", "Birch", -2, None),  # a share opens no concealed listing
    ("concealed", "two", -2, None),
]
MARKINGS = [
    ("OFFICIAL", "GREEN"),
    ("OFFICIAL", "AMBER"),
    ("OFFICIAL", "RED"),
    ("OFFICIAL-SENSITIVE", "AMBER+STRICT"),
]
REACHED = "ann amy art ali bob cat cis dan fay guy ivy kit max hal eve lea"


def build(clock: Clock) -> Dense:
    """The whole world."""
    made = begin(clock)
    for part in (_directory, _protected, _alerts, _climbing, _training, _charter, _papers, _trail, _post):
        part(made)
    return made


def _directory(w: Dense) -> None:
    for agency in AGENCIES:
        for access in Listing.Access.values:
            _listing(w, f"{agency} {access}", agency, access)
    for name in ("to two", "to one", "offered", "ended"):
        _listing(w, name, "Ash", "restricted")
    of_ash = {access: w.listings[f"Ash {access}"] for access in Listing.Access.values}
    at = w.clock.at
    for which, where, accepted, until in SHARES:
        Share.objects.create(
            listing=of_ash.get(which) or w.listings[which], agency=w.agencies.get(where), network=w.networks.get(where),
            accepted_at=at(accepted), until_at=at(until), given_at=at(-3),
        )  # fmt: skip
    # So that an agency's ID where a network's belongs, or the other way round, would be seen.
    to_see = Permission.objects.get(content_type__app_label="directory", codename="view_listing")
    for name, which, until in GRANTS:
        ListingGrant.objects.create(
            user=w.people[name], content_object=of_ash[which], permission=to_see, reason=w.unique("Because of reason "),
            until_at=at(until), given_by=w.people["ann"], given_at=at(-3),
        )  # fmt: skip
    search.index(Listing.objects.all())


def _listing(w: Dense, name: str, agency: str, access: str) -> None:
    made = w.listings[name] = Listing.objects.create(
        agency=w.agencies[agency], access=access, name=w.unique(f"{access}beds"), summary=w.unique("Summary "),
        description=w.unique("Description "), referral=w.unique("Referral "),
    )  # fmt: skip
    OpeningHours.objects.create(listing=made, weekday=0)
    Place.objects.create(listing=made, street=w.unique("Street "), town=w.unique("Town "))
    for of in Listing.Access.values if agency in ("Ash", "Elder") or access == "network" else (access,):
        _contact(w, made, of, "")
        if of != "public":
            _contact(w, made, of, w.unique("Officer "))


def _contact(w: Dense, listing: Listing, access: str, officer: str) -> None:
    Contact.objects.create(
        listing=listing, access=access, officer=officer, function=w.unique("Desk "), email=email(w, "desk"),
        phone=w.unique("0191 498 "),
    )  # fmt: skip


def _protected(w: Dense) -> None:
    """A safe place, a cover, a mobile and wishes, on each listing that may have one and on one that may not."""
    at, to_see = w.clock.at, Permission.objects.get(content_type__app_label="directory", codename="view_safeplace")
    for name, listing in w.listings.items():
        asked = {"asked_by": w.people["ann"], "asked_at": at(-1), "expires_at": at(1)}
        if not name.startswith(("Ash", "Birch", "Elder", "Kale")):
            continue
        Cover.objects.create(listing=listing, reference=w.unique("R"), name=w.unique("Cover "))
        contact = listing.contacts.exclude(officer="").first()
        Loosening.objects.create(listing=listing, before=listing.access, after="public", state=w.unique("s"), **asked)
        if contact:
            Loosening.objects.create(
                listing=listing, contact=contact, before=contact.access, after="public", state=w.unique("s"), **asked
            )
            Mobile.objects.create(
                contact=contact, number=w.unique("07700 9"), person=w.people["jan"], on_call=listing.access == "network"
            )
        facts = {"address": w.unique("Hidden Street "), "getting_in": w.unique("Ring twice ")}
        sealed = safe_places.sealed(facts, listing.pk)
        place = SafePlace.objects.create(listing=listing, sealed=sealed, changed_at=at(-1))
        SafePlaceChange.objects.create(listing=listing, sealed=sealed, **asked)
        held = {"content_object": place, "permission": to_see, "given_by": w.people["ann"], "given_at": at(-3)}
        for who, until in (
            ("bob", 1),
            ("cat", 1),
            ("cor", 1),
            ("aud", 1),
            ("amy", 1),
            ("ivy", 0),
            ("nat", 0),
            ("jan", 1),
        ):
            SafePlaceGrant.objects.create(user=w.people[who], until_at=at(until), reason=w.unique("For "), **held)


def _alerts(w: Dense) -> None:
    for network, author in (("one", "cor"), ("two", "cyd")):
        for classification, tlp in MARKINGS:
            for stage in ("draft", "released", "withdrawn"):
                _alert(w, network, author, classification, tlp, stage)
    _alert(w, "one", "ann", "OFFICIAL", "GREEN", "draft")
    _alert(w, "one", "ali", "OFFICIAL", "GREEN", "draft")  # who led then
    _alert(w, "one", "dan", "OFFICIAL", "RED", "draft")  # whose agency was suspended since
    _alert(w, "one", "amy", "OFFICIAL", "GREEN", "released")
    _alert(w, "over", "con", "OFFICIAL", "GREEN", "released")
    _alert(w, "two", "nat", "OFFICIAL-SENSITIVE", "RED", "draft")


def _alert(w: Dense, network: str, author: str, classification: str, tlp: str, stage: str) -> None:
    by, at = w.people[author], w.clock.at
    out = stage != "draft"
    alert = Alert(
        network=w.networks[network], reference=w.unique(f"{network.upper()}-"), created_by=by, created_at=at(-5),
        classification=classification, tlp=tlp, title=w.unique("Title "), text=w.unique("Text "),
        instruction=w.unique("Instruction "), urgency="Expected", severity="Severe", certainty="Likely",
    )  # fmt: skip
    if out:
        alert.audience = Audience.objects.create(network=alert.network, everyone=True, roles=["lead", "member"])
        alert.mailing = _mailing(w, alert.network, "alert", alert.reference, f"{classification} TLP:{tlp}")
        alert.released_at, alert.released_by = at(-1), by
    if stage == "withdrawn":
        alert.withdrawn_at, alert.withdrawn_by, alert.withdraw_reason = at(0), by, w.unique("Withdrawn ")
    alert.save()
    w.alerts[f"{network} {author} {stage} {tlp}"] = alert
    if out:
        reached = REACHED.split() if network != "two" else ["bob", "dan", "cis", "jan", "ann", "lea"]
        for name in reached:
            where = PEOPLE[name][0][1] if name != "cis" else "Juniper" if network == "two" else "Cedar"
            Recipient.objects.create(
                mailing=alert.mailing, person=w.people[name], agency=w.agencies[where or ""], role="lead",
                reason=w.unique("Reason "),
            )  # fmt: skip


def _climbing(w: Dense) -> None:
    """Every alert that is out has gone on to the call list for every agency, whichever it is for; somebody called."""
    Recipient.objects.filter(person=w.people["bob"]).update(acknowledged_at=w.clock.now)
    Recipient.objects.filter(person=w.people["amy"]).update(acknowledged_at=w.clock.now, role="member")
    Alert.objects.filter(pk=w.alerts["one amy released GREEN"].pk).update(expires_at=w.clock.now)
    Mailing.objects.filter(kind="alert", marking="OFFICIAL TLP:GREEN").update(withheld=False)
    for network in w.networks.values():
        Ladder.objects.create(network=network)
    for alert in w.alerts.values():
        for agency in w.agencies.values() if alert.mailing else ():
            for kind in (Step.Kind.RELEASED, Step.Kind.CALL):
                Step.objects.create(alert=alert, agency=agency, kind=kind)
    notes = ("Ash no_answer", "Larch reached", "Cedar reached no_answer", "Gorse no_answer reached -")
    for alert, note in itertools.product(w.alerts.values(), notes):
        agency, *outcomes = note.split()
        for outcome in outcomes if alert.mailing else ():
            call = {"alert": alert, "agency": w.agencies[agency]}
            if outcome == "-":
                Call.objects.filter(**call, outcome="reached").update(taken_back_at=w.clock.now)
            else:
                Call.objects.create(**call, outcome=outcome, by=w.people["cor"])


def _mailing(w: Dense, network: Network, kind: str, reference: str, marking: str) -> Mailing:
    return Mailing.objects.create(
        kind=kind, network=network, reference=reference, marking=marking, subject=w.unique("Subject "),
        text=w.unique("Letter "), path=f"/alerts/{reference}/" if kind == "alert" else "/", urgency="routine",
        deadline_at=w.clock.at(LONG), withheld=True, released_at=w.clock.at(-1),
    )  # fmt: skip


def _training(w: Dense) -> None:
    at = w.clock.at
    for network in ("one", "two", "over"):
        course = Course.objects.create(
            network=w.networks[network], title=w.unique("Course "), summary=w.unique("About "), provider="Us"
        )
        for told in ("ann bob dan fay ali art cor kit eve", ""):
            session = Session(course=course, starts_at=at(48), ends_at=at(50), capacity=9, place=w.unique("Hall "))
            if told:
                session.audience = Audience.objects.create(network=course.network, everyone=True, roles=["lead"])
                session.mailing = _mailing(w, course.network, "training", w.unique("T-"), "OFFICIAL TLP:GREEN")
                session.announced_at = at(-1)
            session.save()
            Joining.objects.create(session=session, url=f"https://{w.unique('join')}.example/")
            for name in told.split():
                agency = w.agencies.get(PEOPLE[name][0][1] or "")
                Recipient.objects.create(
                    mailing=session.mailing, person=w.people[name], agency=agency, role="lead", reason=w.unique("Why ")
                )
                Booking.objects.create(
                    session=session, person=w.people[name], agency=agency, booked_at=at(-1),
                    cancelled_at=at(-1) if name == "bob" else None,
                )  # fmt: skip


def _charter(w: Dense) -> None:
    at = w.clock.at
    framework = Framework.objects.create(name="Charter", version="1", starts_on="2018-03-01", source="made up")
    commitment = Commitment.objects.create(framework=framework, number=1, title="Train", summary="Train all staff.")
    for code, agency in (("ASH", "Ash"), ("KAL", "Kale"), ("NON", None)):
        council = Council.objects.create(
            code=code, gss=f"E06{next(w.numbers):06}", short_name=w.unique("Place "), name=w.unique("Council "),
            kind="UA", tier="lower", nation="England", region="North East", source="made up",
            source_on="2026-01-01", agency=w.agencies[agency] if agency else None,
        )  # fmt: skip
        for end in ("", "followed", "corrected"):
            Adoption.objects.create(
                council=council, framework=framework, kind="this", decided_on="2018-07-18", end=end,
                ended_at=at(-1) if end else None, meeting=w.unique("Meeting "), recorded_at=at(-2),
            )  # fmt: skip
        progress = Progress.objects.create(council=council, commitment=commitment, stage="started")
        Note.objects.create(progress=progress, text=w.unique("Note "))
        for published, removed in ((None, None), (-1, None), (-1, -1), (None, -1)):
            Evidence.objects.create(
                progress=progress, title=w.unique("Evidence "), url=f"https://{w.unique('ev')}.example/",
                published_at=at(published), removed_at=at(removed),
            )  # fmt: skip


def _papers(w: Dense) -> None:
    for where in ("Ash", "Dogwood", "Elder", "Fir", "one", "two", "over"):
        place = {"agency": w.agencies.get(where), "network": w.networks.get(where)}
        for role in ("member", "charter") if where in w.agencies else ("approver",):
            _invitation(w, place, role)
        Handover.objects.create(
            **place,
            leaver=w.people["amy"],
            successor=w.people["jan"],
            asked_by=w.people["amy"],
            asked_at=w.clock.at(-1),
        )
    for name in ("Dogwood", "Kale"):
        suspended = Membership.objects.get(agency=w.agencies[name], network=w.networks["one"])
        Suspension.objects.create(membership=suspended, reason=w.unique("Suspended "), suspended_by=w.people["cor"])
    for network, names in (("one", "Ash Birch"), ("one", "Kale Dogwood"), ("two", "Birch"), ("over", "Fir")):
        plan = Succession.objects.create(network=w.networks[network], prepared_by=w.people["cor"])
        for name in names.split():
            Party.objects.create(succession=plan, agency=w.agencies[name], side="ends")


def _invitation(w: Dense, place: dict[str, Any], role: str) -> None:
    Invitation.objects.create(
        **place, role=role, name=w.unique("Guest "), email=email(w, "guest"), invited_by=w.people["opa"],
        digest=digest_of(w.unique("token")), expires_at=w.clock.at(1), invited_at=w.clock.at(-1),
    )  # fmt: skip


def _trail(w: Dense) -> None:
    whose = [
        *(
            {"agency_id": w.agencies[name].pk}
            for name in ("Ash", "Birch", "Dogwood", "Elder", "Fir", "Juniper", "Kale")
        ),
        *({"network_id": network.pk} for network in w.networks.values()),
        {"agency_id": w.agencies["Birch"].pk, "network_id": w.networks["two"].pk},
        {},
    ]
    for scope, concealed, actor in itertools.product(whose, (False, True), ("amy", "ali", None)):
        Entry.objects.create(
            verb="listing.edit", subject_type="directory.listing", subject_id=w.unique("id-"), concealed=concealed,
            actor_id=w.people[actor].pk if actor else None, actor_name=w.people[actor].name if actor else "",
            at=w.clock.at(-1), **scope,
        )  # fmt: skip


def _post(w: Dense) -> None:
    """What everybody gave and chose; what the post wrote to some by itself; how each message went."""
    for name, person in w.people.items():
        agency = w.agencies.get(PEOPLE[name][0][1] or "") if PEOPLE.get(name) else None
        Number.objects.create(person=person, number=f"+4477009{next(w.numbers):05}")
        Preference.objects.create(person=person, kind="alert", channel="email", choice="digest")
        Quiet.objects.create(person=person, begins="22:00", ends="07:00")
        SetAside.objects.create(person=person, channel="email", address=person.email, detail=w.unique("Said "))
        if agency:
            Endpoint.objects.create(
                agency=agency, owner=person, name=w.unique("System "), url=f"https://{w.unique('hook')}.example/"
            )
    for kind in ("digest", "notice"):
        mailing = _mailing(w, w.networks["one"], kind, w.unique("P-"), "OFFICIAL")
        for name in REACHED.split():
            agency = w.agencies.get(PEOPLE[name][0][1] or "")
            Recipient.objects.create(mailing=mailing, person=w.people[name], agency=agency, role="lead", reason="x")
    for row in Recipient.objects.order_by("pk"):
        sent = Delivery.objects.create(
            recipient=row, mailing=row.mailing, channel="email", state="sent", urgency="routine"
        )
        Report.objects.create(delivery=sent, kind="soft", key=w.unique("key"))
