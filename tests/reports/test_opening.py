"""The first page tells of what waits for a yes, was given, or looks unusual: to those concerned and nobody else."""

from __future__ import annotations

import pytest
from django.urls import reverse

from directory import actions, need_to_know
from directory.models import Listing, Mobile
from tests.directory.factories import ContactFactory, ListingFactory
from tests.factories import fresh


@pytest.fixture
def desk(haven) -> Listing:
    return ListingFactory(agency=haven, access="restricted", name="Quillon desk")


@pytest.fixture
def house(haven) -> Listing:
    return ListingFactory(agency=haven, access="concealed", name="Zaffre house")


def home(browse, person) -> str:
    return browse(person).get(reverse("home")).content.decode()


class TestOpening:
    def test_tells_of_an_offer_to_who_may_accept_it(self, browse, desk, harbour, mia, otto, ben, nell, cora):
        actions.offer_share(listing=desk, to=harbour, until=None, by=mia)
        assert "Quillon desk" in home(browse, otto)
        for person in (ben, nell, cora):
            assert "To allow or to accept" not in home(browse, person)

    def test_tells_of_a_second_yes_to_who_may_say_it(self, browse, desk, mia, cora, otto):
        actions.ask_to_loosen(listing=desk, contact=None, access="network", by=fresh(mia))
        assert "Let more people see Quillon desk" in home(browse, cora)
        for person in (mia, otto):
            assert "Let more people see" not in home(browse, person)

    def test_tells_the_holder_of_a_grant_without_its_name(self, browse, house, mia, otto, nell):
        reason = "Joint visit, agreed at the meeting"
        need_to_know.give(listing=house, person=otto, with_place=False, reason=reason, hours=24, by=fresh(mia))
        page = home(browse, otto)
        assert "Given to you" in page
        assert "Zaffre" not in page
        assert "Given to you" not in home(browse, nell)

    def test_tells_leads_of_unusual_curiosity(self, browse, desk, mia, ben, otto):
        mobile = Mobile.objects.create(contact=ContactFactory(listing=desk), number="07700 900982")
        for _ in range(6):
            actions.reveal_mobile(mobile=mobile, by=ben)
        assert "Ben Okafor asked for 6 mobile numbers in one day" in home(browse, mia)
        for person in (ben, otto):
            assert "mobile numbers in one day" not in home(browse, person)
