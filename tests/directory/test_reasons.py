"""The reasons and the rule say the same, person for person: for the cast, in made-up worlds, and of the past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Prefetch
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from directory.models import Contact, Listing, Mobile, SafePlace, Share
from directory.reasons import By, facts_of, why, why_contact, why_mobile, why_safe_place
from network import grants, sight, standing
from network.models import Agreement, ApiKey, Appointment, Membership
from tests import factories
from tests.directory.factories import ContactFactory, ListingFactory
from tests.factories import LONG_AGO, fresh

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
ACCESS = Listing.Access.values
# Now is between the third and the fourth of these.
SPANS = [(-9, None), (-9, -1), (-2, 3), (1, 5), (-1, None), (-5, -3)]


def moment(hours: float | None) -> dt.datetime | None:
    return None if hours is None else timezone.now() + hours * HOUR


def dates(span: tuple[float, float | None]) -> dict[str, Any]:
    return {"from_at": moment(span[0]), "until_at": moment(span[1])}


def by_rule(reader: Any) -> tuple[set[Any], ...]:
    """What the rule opens to a reader with a fresh factor: listings, contacts, mobiles, safe places."""
    models = (Listing, Contact, Mobile, SafePlace)
    return tuple(set(model.objects.visible_to(fresh(reader)).values_list("pk", flat=True)) for model in models)


class Reasons:
    """What the reasons open, asked once for everyone."""

    def __init__(self, at: dt.datetime | None = None) -> None:
        self.everyone = sight.everyone(at=at)
        self.listings = list(Listing.objects.all())
        self.contacts = list(Contact.objects.all())
        self.mobiles = list(Mobile.objects.select_related("contact"))
        self.places = list(SafePlace.objects.prefetch_related(Prefetch("grants", grants.live(SafePlace))))
        self.facts = facts_of(self.listings, at=at)

    def of(self, here: Any) -> tuple[set[Any], ...]:
        """Listings, contacts, mobiles, safe places."""
        facts = self.facts
        return (
            {listing.pk for listing in self.listings if why(facts[listing.pk], here)},
            {c.pk for c in self.contacts if why_contact(facts[c.listing_id], c, here)},
            {m.pk for m in self.mobiles if why_mobile(facts[m.contact.listing_id], m, here)},
            {p.pk for p in self.places if why_safe_place(facts[p.listing_id], p.grants.all(), here)},
        )


def assert_agree() -> None:
    """Rule and reasons agree about everyone there is, and about every key that lives."""
    reasons = Reasons()
    for person in User.objects.filter(is_active=True).exclude(name="Signatory"):
        assert reasons.of(reasons.everyone.of(person.pk)) == by_rule(person), person.name
    assert set(reasons.everyone.keys) == {key for key in ApiKey.objects.live() if standing.of(key).rows}
    for key, here in reasons.everyone.keys.items():
        assert reasons.of(here) == by_rule(key), key.scopes


@contextmanager
def passing_world() -> Iterator[None]:
    """What is made here is gone afterwards: each example begins with nothing."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)


class TestTheCast:
    @pytest.fixture
    def world(self, mia, ben, otto, cal, cora, asha, dara, nora, nell, faye, omar, refuge, harbour, riverbank):  # noqa: PLR0917
        """Every listing with contacts of every access, named and not; shares, and grants."""
        for listing in refuge.values():
            for own in ACCESS:
                ContactFactory(listing=listing, access=own)
                if own != "public":
                    row = ContactFactory(listing=listing, access=own, officer="Jo Field")
                    Mobile.objects.create(contact=row, number="07700 900123", person=otto if own == "network" else None)
            Mobile.objects.create(contact=listing.contacts.first(), number="07700 900124", on_call=True)
            place = SafePlace.objects.create(listing=listing, sealed="shut")
            if listing.access in {"restricted", "concealed"}:
                grants.give(
                    row=place, person=otto, reason="Joint visit, agreed with us", until=moment(20), by=fresh(mia)
                )
        Share.objects.create(listing=refuge["restricted"], agency=riverbank, accepted_at=LONG_AGO)
        Share.objects.create(listing=refuge["concealed"], agency=harbour, accepted_at=LONG_AGO)
        Share.objects.create(listing=refuge["restricted"], agency=harbour)
        for person in (otto, faye, cal, omar):
            grants.give(
                row=refuge["concealed"],
                person=person,
                reason="Joint visit, agreed with us",
                until=moment(20),
                by=fresh(mia),
            )
        return refuge

    def test_agrees_with_the_rule(self, world):
        assert_agree()

    def test_says_by_which_way(self, world, mia, otto, nell, cora, nora):
        facts = facts_of(world.values())
        everyone = sight.everyone()

        def ways(access, person):
            return [way.by for way in why(facts[world[access].pk], everyone.of(person.pk))]

        assert ways("network", mia) == [By.OWN]
        assert ways("network", otto) == [By.NETWORK]
        assert ways("restricted", nell) == [By.SHARE]
        assert ways("restricted", cora) == [By.RUN]
        assert ways("restricted", nora) == [By.NATION]
        assert ways("concealed", otto) == [By.GRANT]
        assert ways("concealed", nora) == []


ROLES = [*Appointment.AGENCY_ROLES, *Appointment.NETWORK_ROLES, *Appointment.PLATFORM_ROLES]
small = st.integers(0, 2)
spans = st.sampled_from(SPANS)
WORLDS = st.fixed_dictionaries(
    {
        "members": st.lists(st.tuples(small, st.integers(0, 1), spans, st.booleans()), min_size=2, max_size=5),
        "joining": st.lists(small, max_size=1),
        "agreed": st.tuples(spans, spans),
        "people": st.lists(st.tuples(st.integers(0, 3), st.sampled_from(ROLES), small, spans), min_size=2, max_size=8),
        "closed": st.lists(st.integers(0, 3), max_size=1),
        "listings": st.lists(st.tuples(small, st.sampled_from(ACCESS)), min_size=1, max_size=4),
        "contacts": st.lists(st.tuples(st.integers(0, 3), st.sampled_from(ACCESS[1:]), st.booleans()), max_size=4),
        "shares": st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4), spans), max_size=3),
        "grants": st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), spans), max_size=3),
        "scopes": st.sets(st.sampled_from(["directory", "contacts"])),
    }
)


def build(told: dict[str, Any]) -> None:  # noqa: C901, PLR0912  a world has many things
    """The rows of a made-up world."""
    networks = [factories.NetworkFactory(), factories.NetworkFactory()]
    agencies = [factories.AgencyFactory() for _ in range(3)]
    people = [factories.UserFactory() for _ in range(4)]
    places = [*agencies, *networks]
    for network, span in zip(networks, told["agreed"], strict=True):
        Agreement.objects.filter(network=network).update(**dates(span))
    taken = set()
    for agency, network, span, signed in told["members"]:
        if (agency, network) in taken:
            continue
        taken.add((agency, network))
        Membership.objects.create(agency=agencies[agency], network=networks[network], **dates(span))
        if signed:
            factories.sign(agencies[agency], networks[network])
    for agency in told["joining"]:
        if (agency, 0) not in taken:
            Membership.objects.create(agency=agencies[agency], network=networks[0], from_at=None)
    for person, role, place, span in told["people"]:
        scope = None
        if role in Appointment.AGENCY_ROLES:
            scope = agencies[place]
        elif role in Appointment.NETWORK_ROLES:
            scope = networks[place % 2]
        factories.appoint(people[person], role, scope, **dates(span))
    for person in told["closed"]:
        User.objects.filter(pk=people[person].pk).update(is_active=False, closed_at=moment(-4))
    listings = [ListingFactory(agency=agencies[agency], access=access) for agency, access in told["listings"]]
    for listing, access, officer in told["contacts"]:
        row = listings[listing % len(listings)]
        contact = ContactFactory(listing=row, access=access, officer="Jo Field" if officer else "")
        Mobile.objects.create(contact=contact, number="07700 900123", on_call=not officer, person=people[listing])
    for listing, place, span in told["shares"]:
        scope = places[place]
        column = "agency" if scope in agencies else "network"
        row = listings[listing % len(listings)]
        Share.objects.create(listing=row, accepted_at=moment(span[0]), until_at=moment(span[1]), **{column: scope})
    for listing, person, span in told["grants"]:
        if span[0] > 0:
            continue  # a grant counts from the moment it is given, and none is given in the future
        grants._grants_on(Listing).create(
            user=people[person],
            content_object=listings[listing % len(listings)],
            permission=grants._to_see(Listing),
            reason="Joint visit, agreed with us",
            given_at=moment(span[0]),
            until_at=moment(span[1] if span[1] is not None else 40),
            given_by=people[0],
        )
        place, _ = SafePlace.objects.get_or_create(listing=listings[listing % len(listings)], sealed="shut")
        grants._grants_on(SafePlace).create(
            user=people[person],
            content_object=place,
            permission=grants._to_see(SafePlace),
            reason="Joint visit, agreed with us",
            given_at=moment(span[0]),
            until_at=moment(span[1] if span[1] is not None else 40),
            given_by=people[0],
        )
    for agency in agencies[:2]:
        ApiKey.objects.create(
            agency=agency,
            owner=people[0],
            name="Key",
            digest=str(agency.pk),
            scopes=sorted(told["scopes"]),
            expires_at=moment(9),
        )


class TestMadeUpWorlds:
    @given(told=WORLDS)
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_agree_with_the_rule(self, told):
        with passing_world():
            build(told)
            assert_agree()

    @pytest.mark.deep
    @given(told=WORLDS)
    @settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_agree_with_the_rule_a_thousand_times(self, told):
        with passing_world():
            build(told)
            assert_agree()
