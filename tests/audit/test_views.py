from __future__ import annotations

import pytest

from audit import trail
from audit.models import Entry
from audit.views import PAGE
from tests.api.conftest import SECRET_PLACE
from tests.directory.factories import ListingFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def deeds(haven, harbour, riverbank, mia, otto, nell, durham, cora):
    trail.record("agency.edit", haven, by=mia, fields=["website"])
    trail.record("agency.edit", harbour, by=otto)
    trail.record("agency.edit", riverbank, by=nell)
    trail.record("alert.release", durham, by=cora, people=84, sheet="5f" * 32)
    listing = ListingFactory(agency=haven, name=SECRET_PLACE, access="concealed")
    trail.record("listing.edit", listing, by=mia)


class TestTrail:
    @pytest.mark.parametrize(
        ("who", "shown", "hidden"),
        [
            ("dara", ["Mia Hughes", "Otto Lindqvist", "Cora Bell", "edited a listing"], ["Nell Price"]),
            ("cora", ["Mia Hughes", "Otto Lindqvist", "Cora Bell"], ["Nell Price", "edited a listing"]),
            ("mia", ["Mia Hughes", "edited a listing"], ["Otto Lindqvist", "Cora Bell", "Nell Price"]),
            ("otto", ["Otto Lindqvist"], ["Mia Hughes", "Cora Bell", "edited a listing"]),
            ("nell", ["Nell Price"], ["Mia Hughes", "Otto Lindqvist", "edited a listing"]),
            ("nora", ["Mia Hughes", "Nell Price", "Cora Bell"], ["edited a listing"]),
            ("faye", ["No entries"], ["Mia Hughes", "Cora Bell"]),
            ("omar", ["No entries"], ["Mia Hughes", "Cora Bell"]),
        ],
    )
    def test_shows_each_as_far_as_they_may(self, who, shown, hidden, deeds, browse, request):
        # The deeds alone: the menu and the filter hold words of their own.
        whole = browse(request.getfixturevalue(who)).get("/audit/").content.decode()
        page = whole.split("govuk-grid-column-two-thirds")[1]
        assert all(words in page for words in shown)
        assert not any(words in page for words in hidden)
        assert SECRET_PLACE not in page

    def test_shows_counts_but_no_fingerprints(self, deeds, browse, dara):
        page = browse(dara).get("/audit/").content.decode()
        assert "people: 84" in page
        assert "5f5f" not in page

    def test_narrows_by_deed_and_day(self, deeds, browse, dara):
        client = browse(dara)
        page = client.get("/audit/?verb=alert.release").content.decode()
        assert "Cora Bell" in page
        assert "Otto Lindqvist" not in page
        assert "No entries" in client.get("/audit/?until=1+1+2020").content.decode()
        assert "Cora Bell" in client.get("/audit/?since=1+1+2020").content.decode()

    @pytest.mark.parametrize("asked", ["since=yesterday", "before=x", "verb=no.such", "before=-1", f"before={10**30}"])
    def test_explains_what_it_cannot_read(self, asked, browse, dara):
        assert "There is a problem" in browse(dara).get(f"/audit/?{asked}").content.decode()

    def test_turns_pages_and_costs_the_same(self, haven, browse, dara, mia, django_assert_num_queries):
        client = browse(dara)
        for number in range(3):
            trail.record("agency.edit", haven, by=mia, number=number)
        with django_assert_num_queries(6):  # session, person, roles, helplines, where one stands, entries
            client.get("/audit/")
        for number in range(3, PAGE + 3):
            trail.record("agency.edit", haven, by=mia, number=number)
        with django_assert_num_queries(6):
            first = client.get("/audit/").content.decode()
        assert f"number: {PAGE + 2}" in first
        oldest = Entry.objects.order_by("-id")[PAGE - 1].pk
        assert f"?before={oldest}" in first
        second = client.get(f"/audit/?before={oldest}").content.decode()
        assert "number: 2" in second
        assert f"number: {PAGE + 2}" not in second
        assert "Newest entries" in second
