from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from alerts import actions
from tests.alerts.factories import CONTENT, SENSITIVE, draft, released, submitted
from tests.api.conftest import SECRET_PLACE
from tests.charter.factories import AdoptionFactory, CouncilFactory
from tests.directory.factories import HelplineFactory, ListingFactory
from tests.training.factories import announced, place

pytestmark = pytest.mark.django_db
EVERYONE = ("cora", "asha", "mia", "ben", "otto", "nell", "cal", "faye", "dara", "nora", "omar")


def said(client) -> str:
    """What the main part of the first page says."""
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode().split("<main")[1].split("</main>")[0]


class TestHome:
    @pytest.mark.parametrize("who", EVERYONE)
    def test_says_that_nothing_needs_you(self, who, browse, request):
        assert "Nothing needs you" in said(browse(request.getfixturevalue(who)))

    def test_shows_alerts_to_acknowledge_marking_first_until_they_are(
        self, browse, mia, otto, nell, cora, asha, durham, haven
    ):
        alert = released(durham, cora, haven, approver=asha, **SENSITIVE)
        page = said(browse(mia))
        assert page.index("OFFICIAL-SENSITIVE TLP:AMBER+STRICT") < page.index(alert.reference)
        assert CONTENT["title"] in page
        assert all(alert.reference not in said(browse(person)) for person in (otto, nell, cora))
        actions.acknowledge(alert=alert, by=mia)
        assert alert.reference not in said(browse(mia))

    def test_drops_an_alert_that_was_withdrawn(self, browse, mia, cora, durham, haven):
        alert = released(durham, cora, haven)
        actions.withdraw(alert=alert, reason="Sent by mistake", by=cora)
        assert alert.reference not in said(browse(mia))

    def test_asks_approvers_for_what_they_had_no_hand_in(self, browse, asha, cora, mia, durham, haven):
        alert = submitted(durham, cora, haven)
        own = submitted(durham, asha, haven)
        page = said(browse(asha))
        assert "Alerts awaiting your approval" in page
        assert alert.reference in page
        assert own.reference not in page
        assert alert.reference not in said(browse(mia))

    def test_shows_no_drafts(self, browse, asha, cora, durham, haven):
        assert draft(durham, cora, haven).reference not in said(browse(asha))

    def test_shows_a_lead_their_listings_that_are_due_a_check(self, browse, mia, ben, otto, haven):
        today = timezone.localdate()
        ListingFactory(agency=haven, name="Never checked advice")
        ListingFactory(agency=haven, name="Old advice", assured_on=today - dt.timedelta(days=92))
        ListingFactory(agency=haven, name="Fresh advice", assured_on=today - dt.timedelta(days=90))
        page = said(browse(mia))
        assert "Never checked advice" in page
        assert "Old advice" in page
        assert "Fresh advice" not in page
        assert all("Old advice" not in said(browse(person)) for person in (ben, otto))

    def test_names_the_concealed_listing_to_its_lead_only(self, browse, haven, mia, request):
        ListingFactory(agency=haven, name=SECRET_PLACE, access="concealed")
        assert SECRET_PLACE in said(browse(mia))
        others = [who for who in EVERYONE if who != "mia"]
        assert not any(SECRET_PLACE in said(browse(request.getfixturevalue(who))) for who in others)

    def test_shows_training_one_has_a_place_in(self, browse, ben, otto, haven):
        session = announced((ben, haven), (otto, None), course__network=haven.networks.get())
        place(session, ben, haven)
        assert session.course.title in said(browse(ben))
        assert session.course.title not in said(browse(otto))

    def test_asks_a_charter_officer_for_what_is_missing(self, browse, cal, mia, council_agency):
        council = CouncilFactory(agency=council_agency)
        assert council.name in said(browse(cal))
        AdoptionFactory(council=council)
        assert council.name in said(browse(cal))  # no progress was looked at this year
        assert council.name not in said(browse(mia))

    def test_shows_five_of_a_kind_and_where_the_rest_are(self, browse, mia, haven):
        for number in range(6):
            ListingFactory(agency=haven, name=f"Advice {number}")
        page = said(browse(mia))
        assert page.count("Never checked") == 5
        assert "The directory" in page

    @pytest.mark.parametrize(("who", "may"), [("cora", True), ("mia", True), ("ben", False), ("faye", False)])
    def test_offers_drafting_to_those_who_may(self, who, may, browse, request):
        assert ("Draft an alert" in said(browse(request.getfixturevalue(who)))) is may

    def test_costs_the_same_for_much_as_for_little(
        self, browse, mia, cora, durham, haven, django_assert_max_num_queries, django_assert_num_queries
    ):
        client = browse(mia)
        released(durham, cora, haven)
        ListingFactory(agency=haven)
        with django_assert_max_num_queries(8) as few:
            client.get("/")
        for _ in range(3):
            released(durham, cora, haven)
        ListingFactory.create_batch(4, agency=haven)
        with django_assert_num_queries(len(few)):
            client.get("/")


class TestChrome:
    MENU = {
        "cora": ["Home", "Directory", "Alerts", "Training", "Charter", "Figures", "Audit trail", "API"],
        "mia": ["Home", "Directory", "Alerts", "Training", "Charter", "Audit trail", "API keys"],
        "ben": ["Home", "Directory", "Alerts", "Training", "Charter"],
        "faye": ["Home", "Directory", "Charter", "Figures"],
        "omar": ["Home", "Directory", "Charter", "Audit trail"],
    }

    @pytest.mark.parametrize("who", MENU)
    def test_offers_what_the_person_may_open_and_all_of_it_opens(self, who, browse, request):
        client = browse(request.getfixturevalue(who))
        menu = client.get("/").context["navigation"]
        assert [item["text"] for item in menu] == self.MENU[who]
        assert {client.get(item["url"]).status_code for item in menu} == {200}

    def test_marks_where_one_is(self, browse, mia):
        for address, text in {"/": "Home", "/directory/": "Directory", "/network/keys/": "API keys"}.items():
            menu = browse(mia).get(address).context["navigation"]
            assert [item["text"] for item in menu if item["current"]] == [text]

    def test_offers_nobody_the_register_and_the_way_in(self, client):
        menu = client.get("/account/sign-in/").context["navigation"]
        assert [item["text"] for item in menu] == ["Charter register", "Sign in"]

    def test_shows_the_numbers_to_ring_on_every_page(self, client):
        HelplineFactory(name="Modern Slavery Helpline", number="0808 157 0700", show_everywhere=True)
        HelplineFactory(name="Another line", show_everywhere=False)
        page = client.get("/accessibility/").content.decode()
        assert "tel:08081570700" in page
        assert "Another line" not in page

    @pytest.mark.parametrize("path", ["accessibility/", "privacy/", "cookies/"])
    def test_lets_anyone_read_what_the_site_says_of_itself(self, path, client):
        assert client.get(f"/{path}").status_code == 200
