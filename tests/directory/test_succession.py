from __future__ import annotations

import datetime as dt

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from directory import succession
from directory.models import Listing, Share
from tests import factories
from tests.directory.factories import ListingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def followed(haven, harbour):
    """Haven House has ended; Harbour Advice took over."""
    haven.memberships.update(until_at=Now())
    haven.successors.add(harbour)
    return haven


class TestOldPage:
    def test_leads_on_for_who_may_see_who_took_over(self, browse, followed, harbour, otto, cora):
        for person in (otto, cora):
            page = browse(person).get(f"/directory/agencies/{followed.pk}/").content.decode()
            assert "Now part of" in page
            assert f"/directory/agencies/{harbour.pk}/" in page

    def test_is_not_there_for_others(self, browse, followed, nell, omar):
        for person in (nell, omar):
            assert browse(person).get(f"/directory/agencies/{followed.pk}/").status_code == 404

    def test_names_no_successor_that_one_may_not_see(self, browse, haven, riverbank, mia):
        haven.successors.add(riverbank)
        assert riverbank.name not in browse(mia).get(f"/directory/agencies/{haven.pk}/").content.decode()

    def test_names_no_network_that_the_agency_has_left(self, browse, haven, riverside, cora):
        factories.appoint(cora, "coordinator", riverside)
        factories.join(haven, riverside, until_at=Now())
        assert riverside.name not in browse(cora).get(f"/directory/agencies/{haven.pk}/").content.decode()


class TestThings:
    def test_are_what_the_reader_sees(self, haven, mia, cora):
        ListingFactory(agency=haven, access="concealed", name="Quiet")
        ListingFactory(agency=haven, name="Open")
        assert [thing.name for thing in succession.things(haven, mia)] == ["Open", "Quiet"]
        assert [thing.name for thing in succession.things(haven, cora)] == ["Open"]


class TestAssured:
    def test_needs_a_listing_confirmed_within_the_quarter(self, haven, harbour):
        today = timezone.localdate()
        ListingFactory(agency=haven, assured_on=today)
        ListingFactory(agency=harbour, assured_on=today - dt.timedelta(weeks=20))
        assert succession.assured({haven.pk, harbour.pk}) == {haven.pk}


class TestFollow:
    def test_gives_each_thing_to_the_one_chosen_and_the_rest_to_the_first(self, haven, harbour, council_agency):
        one, two = ListingFactory(agency=haven), ListingFactory(agency=haven)
        succession.follow(haven, [harbour, council_agency], {str(two.pk): council_agency})
        kept = dict(Listing.objects.values_list("pk", "agency"))
        assert kept == {one.pk: harbour.pk, two.pk: council_agency.pk}

    def test_keeps_access_and_what_a_listing_is_shared_with(self, haven, harbour, council_agency):
        listing = ListingFactory(agency=haven, access="restricted")
        share = Share.objects.create(listing=listing, agency=council_agency, accepted_at=factories.LONG_AGO)
        succession.follow(haven, [harbour], {})
        listing.refresh_from_db()
        assert listing.access == "restricted"
        assert list(Share.objects.live()) == [share]

    def test_points_a_share_to_nobody_twice(self, haven, harbour, council_agency):
        listing = ListingFactory(agency=council_agency, access="restricted")
        for agency in (haven, harbour):
            Share.objects.create(listing=listing, agency=agency, accepted_at=factories.LONG_AGO)
        succession.follow(haven, [harbour], {})
        assert [share.agency for share in Share.objects.live()] == [harbour]
