"""Who sees which listing: the truth table of the access rule, written down by hand and not worked out by the code."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from directory.models import Contact, Listing, ListingGrant, OpeningHours, Place, Share
from network.models import Appointment, Membership
from tests import factories
from tests.directory.factories import ContactFactory, ListingFactory, OpeningHoursFactory, PlaceFactory

ALL = {"public", "network", "restricted", "concealed"}
TABLE = {
    "mia": ALL,
    "ben": ALL,
    "otto": {"public", "network"},
    "cal": {"public", "network"},
    "cora": {"public", "network", "restricted"},
    "asha": {"public", "network"},
    "dara": {"public", "network", "restricted"},
    "nora": {"public", "network", "restricted"},
    "nell": {"public"},
    "faye": {"public"},
    "omar": {"public"},
    "anonymous": {"public"},
}
NEVER_CONCEALED = sorted(set(TABLE) - {"mia", "ben"})


def share(**columns):
    """A share that both sides agreed to."""
    return Share.objects.create(accepted_at=factories.LONG_AGO, **columns)


def seen(reader) -> set[str]:
    return {listing.access for listing in Listing.objects.visible_to(reader)}


def ago(**since) -> dt.datetime:
    return timezone.now() - dt.timedelta(**since)


@pytest.fixture
def everyone(mia, ben, otto, cal, cora, asha, dara, nora, nell, faye, omar, anonymous):  # noqa: PLR0917
    return {name: person for name, person in locals().items() if name in TABLE}


class TestListings:
    def test_follows_the_truth_table(self, everyone, refuge):
        assert {name: seen(person) for name, person in everyone.items()} == TABLE

    def test_says_of_one_row_what_it_says_of_all(self, everyone, refuge):
        for name, person in everyone.items():
            one_by_one = {
                a for a, row in refuge.items() if Listing.objects.visible_to(person).filter(pk=row.pk).exists()
            }
            assert one_by_one == TABLE[name]

    def test_asks_once_where_one_stands_and_joins_nothing(self, otto, refuge):
        with CaptureQueriesContext(connection) as asked:
            list(Listing.objects.visible_to(otto))
        assert len(asked) == 2
        assert "JOIN" not in asked[1]["sql"].split("WHERE")[0]

    def test_shows_a_charter_officer_no_restricted_or_concealed_listing_of_their_own_council(self, cal, council_agency):
        for access in Listing.Access.values:
            ListingFactory(agency=council_agency, access=access)
        assert seen(cal) == {"public", "network"}

    @pytest.mark.parametrize("name", NEVER_CONCEALED)
    def test_conceals_from_everyone_but_own_staff(self, name, everyone, hidden):
        assert not Listing.objects.visible_to(everyone[name]).filter(pk=hidden.pk).exists()

    def test_shows_two_networks_nothing_of_each_other(self, nell, riverbank, otto, dara, refuge):
        ListingFactory(agency=riverbank, access="network")
        assert seen(nell) == {"public", "network"}
        assert not Listing.objects.visible_to(otto).filter(agency=riverbank).exists()
        assert not Listing.objects.visible_to(dara).filter(agency=riverbank).exists()


class TestDates:
    def test_an_ended_appointment_shows_only_what_is_public(self, mia, refuge):
        mia.appointments.update(until_at=ago(seconds=1))
        assert seen(mia) == {"public"}

    def test_a_future_appointment_shows_only_what_is_public(self, durham, refuge):
        person = factories.UserFactory()
        factories.appoint(person, "coordinator", durham, from_at=timezone.now() + dt.timedelta(days=1))
        assert seen(person) == {"public"}

    def test_an_inactive_person_sees_only_what_is_public(self, ben, refuge):
        ben.is_active, ben.closed_at = False, timezone.now()
        ben.save()
        assert seen(ben) == {"public"}

    def test_an_ended_membership_hides_the_agency_from_the_network(self, otto, haven, mia, refuge):
        Membership.objects.filter(agency=haven).update(until_at=ago(seconds=1))
        assert seen(otto) == {"public"}
        assert seen(mia) == {"public"}

    def test_a_suspended_agency_sees_only_what_is_public(self, otto, harbour, refuge):
        Membership.objects.filter(agency=harbour).update(suspended_at=ago(seconds=1))
        assert seen(otto) == {"public"}

    def test_an_ended_network_takes_its_runners_rights(self, cora, durham, refuge):
        durham.ended_at = ago(seconds=1)
        durham.save()
        assert seen(cora) == {"public"}

    def test_another_role_never_hides_anything(self, mia, durham, refuge):
        factories.appoint(mia, "reports", durham)
        factories.appoint(mia, "operator")
        assert seen(mia) == ALL


class TestShares:
    def test_opens_a_restricted_listing_to_an_agency(self, refuge, riverbank, nell, otto):
        share(listing=refuge["restricted"], agency=riverbank)
        assert seen(nell) == {"public", "restricted"}
        assert seen(otto) == {"public", "network"}

    def test_opens_a_restricted_listing_to_a_network(self, refuge, durham, otto, cal, asha, faye):
        share(listing=refuge["restricted"], network=durham)
        for person in (otto, cal, asha):
            assert seen(person) == {"public", "network", "restricted"}
        assert seen(faye) == {"public"}

    def test_ends_when_it_says(self, refuge, riverbank, nell):
        share(listing=refuge["restricted"], agency=riverbank, until_at=ago(seconds=1))
        assert seen(nell) == {"public"}

    @pytest.mark.parametrize("access", ["network", "concealed"])
    def test_opens_nothing_but_restricted_listings(self, access, refuge, riverbank, nell):
        share(listing=refuge[access], agency=riverbank)
        assert seen(nell) == {"public"}

    def test_is_with_one_agency_or_one_network(self, refuge, riverbank, durham):
        for scope in ({}, {"agency": riverbank, "network": durham}):
            with pytest.raises(IntegrityError), transaction.atomic():
                share(listing=refuge["restricted"], **scope)


class TestGrants:
    def test_shows_one_concealed_listing_to_one_person(self, refuge, haven, mia, otto, nell, give):
        other = ListingFactory(agency=haven, access="concealed")
        give(refuge["concealed"], otto, by=mia)
        assert set(Listing.objects.visible_to(otto).filter(access="concealed")) == {refuge["concealed"]}
        assert other not in Listing.objects.visible_to(otto)
        assert seen(nell) == {"public"}

    def test_is_dead_one_second_after_its_end(self, refuge, mia, otto, give):
        give(refuge["concealed"], otto, by=mia)
        ListingGrant.objects.update(until_at=ago(seconds=1))
        assert "concealed" not in seen(otto)

    def test_may_be_given_again_after_its_end(self, refuge, mia, otto, give):
        give(refuge["concealed"], otto, by=mia)
        ListingGrant.objects.update(until_at=ago(seconds=1))
        give(refuge["concealed"], otto, by=mia)
        assert "concealed" in seen(otto)

    def test_does_not_open_what_is_restricted(self, refuge, mia, otto, give):
        give(refuge["restricted"], otto, by=mia)
        assert "restricted" not in seen(otto)

    @pytest.mark.parametrize("name", ["cal", "faye", "dara", "omar"])
    def test_gives_nothing_to_roles_kept_from_concealed_things(self, name, everyone, refuge, mia, give):
        give(refuge["concealed"], everyone[name], by=mia)
        assert "concealed" not in seen(everyone[name])

    def test_gives_nothing_to_a_person_whose_appointments_have_ended(self, refuge, mia, otto, give):
        give(refuge["concealed"], otto, by=mia)
        Appointment.objects.filter(person=otto).update(until_at=ago(seconds=1))
        assert seen(otto) == {"public"}

    def test_goes_with_its_listing(self, refuge, mia, otto, give):
        give(refuge["concealed"], otto, by=mia)
        refuge["concealed"].delete()
        assert not ListingGrant.objects.exists()


class TestKeys:
    def test_reads_the_networks_directory_with_the_scope(self, refuge, harbour, otto, make_key):
        assert seen(make_key(harbour, otto, ["directory"])) == {"public", "network"}

    def test_reads_what_is_public_without_the_scope(self, refuge, harbour, otto, make_key, haven):
        share(listing=refuge["restricted"], agency=harbour)
        assert seen(make_key(harbour, otto, ["alerts"])) == {"public"}

    def test_reads_what_is_shared_with_its_agency(self, refuge, harbour, otto, make_key):
        share(listing=refuge["restricted"], agency=harbour)
        assert seen(make_key(harbour, otto, ["directory"])) == {"public", "network", "restricted"}

    def test_never_reads_its_own_agencys_concealed_or_restricted_listings(self, refuge, haven, mia, make_key):
        assert seen(make_key(haven, mia, ["directory", "alerts"])) == {"public", "network"}


class TestContacts:
    """E11, E09: a child fetched by its own ID is never looser than its parent."""

    def contacts(self, refuge, access):
        return {name: ContactFactory(listing=row, access=access) for name, row in refuge.items()}

    def test_e11_is_hidden_with_its_listing(self, everyone, refuge):
        rows = self.contacts(refuge, "public")
        for name, person in everyone.items():
            found = {a for a, row in rows.items() if Contact.objects.visible_to(person).filter(pk=row.pk).exists()}
            assert found == TABLE[name], name

    @pytest.mark.parametrize("access", ["network", "restricted", "concealed"])
    def test_may_be_stricter_than_its_listing(self, access, everyone, refuge):
        row = ContactFactory(listing=refuge["public"], access=access)
        for name, person in everyone.items():
            assert (row in Contact.objects.visible_to(person)) == (access in TABLE[name]), name

    def test_shows_named_officers_to_the_network_only(self, everyone, refuge):
        row = ContactFactory(listing=refuge["public"], access="network", officer="Ruth Amos")
        found = {name for name, person in everyone.items() if row in Contact.objects.visible_to(person)}
        assert found == {"mia", "ben", "otto", "cal", "cora", "asha"}

    def test_shows_keys_no_named_officer(self, refuge, harbour, otto, make_key):
        row = ContactFactory(listing=refuge["network"], officer="Ruth Amos")
        assert row not in Contact.objects.visible_to(make_key(harbour, otto, ["directory"]))

    def test_never_publishes_a_named_officer(self, refuge):
        with pytest.raises(IntegrityError), transaction.atomic():
            ContactFactory(listing=refuge["public"], officer="Ruth Amos", access="public")


class TestParts:
    @pytest.mark.parametrize(("factory", "model"), [(OpeningHoursFactory, OpeningHours), (PlaceFactory, Place)])
    def test_e11_is_hidden_with_its_listing(self, factory, model, everyone, refuge):
        rows = {name: factory(listing=row) for name, row in refuge.items()}
        for name, person in everyone.items():
            found = {a for a, row in rows.items() if model.objects.visible_to(person).filter(pk=row.pk).exists()}
            assert found == TABLE[name] - ({"concealed"} if model is Place else set()), name

    def test_shows_no_place_of_a_concealed_listing_to_anyone(self, mia, hidden):
        PlaceFactory(listing=hidden)
        assert not Place.objects.visible_to(mia).exists()
