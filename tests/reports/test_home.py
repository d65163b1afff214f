from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from alerts import actions
from tests.alerts.factories import CONTENT, SENSITIVE, draft, released, submitted
from tests.api.conftest import SECRET_PLACE
from tests.charter.factories import AdoptionFactory, CouncilFactory
from tests.directory.factories import HelplineFactory, ListingFactory
from tests.factories import appoint
from tests.training.factories import announced, place

pytestmark = pytest.mark.django_db
EVERYONE = ("cora", "asha", "mia", "ben", "otto", "nell", "cal", "faye", "dara", "nora", "omar")


def said(client) -> str:
    """What the main part of the first page says."""
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode().split("<main")[1].split("</main>")[0]


class TestHome:
    def test_says_that_nothing_needs_you(self, browse, request):
        for who in EVERYONE:
            assert "Nothing needs you" in said(browse(request.getfixturevalue(who))), who

    def test_shows_alerts_to_acknowledge_marking_first_until_they_are(
        self, browse, mia, otto, nell, cora, asha, durham, haven
    ):
        alert = released(durham, cora, haven, approver=asha, **SENSITIVE)
        page = said(browse(mia))
        assert page.index("OFFICIAL-SENSITIVE TLP:AMBER+STRICT") < page.index(alert.reference)
        assert CONTENT["title"] in page
        assert all(alert.reference not in said(browse(person)) for person in (otto, nell))
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

    def test_shows_drafts_to_their_author_only_and_returned_ones_first(
        self, browse, asha, cora, mia, ben, durham, haven
    ):
        returned, fresh = submitted(durham, cora, haven), draft(durham, cora, haven)
        actions.return_to_author(alert=returned, reason="Say where.", by=asha)
        page = said(browse(cora))
        assert "Returned to you on" in page
        assert page.index(returned.reference) < page.index(fresh.reference)
        own = draft(durham, mia)
        assert own.reference in said(browse(mia))
        for person in (asha, ben):
            assert not any(alert.reference in said(browse(person)) for alert in (returned, fresh, own))

    def test_tells_the_coordinator_what_waits_for_an_approver(self, browse, cora, asha, mia, nell, durham, haven):
        alert = submitted(durham, cora, haven)
        page = said(browse(cora))
        assert "Alerts waiting for an approver" in page
        assert alert.reference in page
        assert not any("waiting for an approver" in said(browse(person)) for person in (asha, mia, nell))

    def test_asks_who_coordinates_and_approves_for_each_alert_once(self, browse, cora, mia, durham, haven):
        appoint(cora, "approver", durham)
        theirs, own = submitted(durham, mia, haven), submitted(durham, cora, haven)
        page = said(browse(cora))
        first, second = page.split("Alerts waiting for an approver")
        assert theirs.reference in first
        assert own.reference not in first
        assert theirs.reference not in second.split("</section>")[0]
        assert own.reference in second

    @pytest.mark.parametrize("who", ["cora", "asha"])
    def test_counts_for_who_runs_the_network_the_agencies_that_have_not_acknowledged(  # noqa: PLR0917
        self, who, request, browse, cora, mia, ben, otto, nell, durham, haven, harbour
    ):
        alert = released(durham, cora, haven, harbour)
        client = browse(request.getfixturevalue(who))
        actions.acknowledge(alert=alert, by=ben)
        assert "2 of 2 agencies have not acknowledged" in said(client)
        actions.acknowledge(alert=alert, by=mia)
        assert "1 of 2 agencies have not acknowledged" in said(client)
        assert f'href="{reverse("alerts:board", args=[alert.reference])}"' in said(client)
        assert not any("agencies have not" in said(browse(person)) for person in (mia, otto, nell))
        actions.acknowledge(alert=alert, by=otto)
        assert alert.reference not in said(client)

    def test_drops_from_that_list_what_no_longer_stands(self, browse, cora, mia, durham, haven):
        alert = released(durham, cora, haven)
        actions.withdraw(alert=alert, reason="Sent by mistake", by=cora)
        assert alert.reference not in said(browse(cora))

    def test_counts_for_the_coordinator_the_listings_that_nobody_confirmed(
        self, browse, cora, asha, mia, durham, haven, harbour, riverbank
    ):
        today = timezone.localdate()
        ListingFactory(agency=haven)
        ListingFactory(agency=harbour, assured_on=today - dt.timedelta(days=92))
        ListingFactory(agency=harbour, assured_on=today)
        ListingFactory(agency=riverbank)
        assert "2 listings were not confirmed" in said(browse(cora))
        assert not any("not confirmed" in said(browse(person)) for person in (asha, mia))

    def test_never_counts_a_concealed_listing(self, browse, cora, mia, haven):
        hidden = ListingFactory(agency=haven, access="concealed")
        assert "not confirmed" not in said(browse(cora))
        appoint(cora, "lead", haven)
        page = said(browse(cora))
        assert hidden.name in page
        assert "not confirmed" not in page

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

    @pytest.mark.parametrize(("who", "most"), [("mia", 21), ("cora", 23), ("asha", 15)])
    def test_costs_the_same_for_much_as_for_little(  # noqa: PLR0917
        self, who, most, request, browse, mia, cora, durham, haven, django_assert_max_num_queries,
        django_assert_num_queries,
    ):  # fmt: skip
        client = browse(request.getfixturevalue(who))

        def add() -> None:
            released(durham, cora, haven)
            submitted(durham, cora, haven)
            draft(durham, cora, haven)
            ListingFactory(agency=haven)

        add()
        with django_assert_max_num_queries(most) as few:
            client.get("/")
        for _ in range(4):
            add()
        with django_assert_num_queries(len(few)):
            client.get("/")


@pytest.mark.once
class TestChrome:
    MENU = {
        "cora": ["Home", "Directory", "Sharing", "Alerts", "Training", "Charter", "Figures", "Manage"],
        "mia": ["Home", "Directory", "Sharing", "Alerts", "Training", "Charter", "Manage"],
        "ben": ["Home", "Directory", "Sharing", "Alerts", "Training", "Charter", "People"],
        "faye": ["Home", "Directory", "Charter", "Figures"],
        "omar": ["Home", "Directory", "Charter", "Audit trail", "People", "Networks", "Messages"],
    }

    @pytest.mark.parametrize("who", MENU)
    def test_offers_what_the_person_may_open_and_all_of_it_opens(self, who, browse, request):
        client = browse(request.getfixturevalue(who))
        menu = client.get("/").context["navigation"]
        assert [item["text"] for item in menu] == self.MENU[who]
        assert {client.get(item["url"]).status_code for item in menu} == {200}

    def test_marks_where_one_is(self, browse, mia):
        for address, text in {"/": "Home", "/directory/": "Directory", "/network/keys/": "Manage"}.items():
            menu = browse(mia).get(address).context["navigation"]
            assert [item["text"] for item in menu if item["current"]] == [text]

    MANAGED = {
        "cora": ["Audit trail", "Agencies", "People", "How fast messages go", "API"],
        "mia": ["Audit trail", "Agencies", "People", "API keys", "Webhooks"],
        "ben": ["People"],
    }

    @pytest.mark.parametrize("who", MANAGED)
    def test_keeps_what_is_opened_now_and_then_under_manage(self, who, browse, request):
        client = browse(request.getfixturevalue(who))
        answer = client.get("/manage/")
        assert [way["text"] for way in answer.context["ways"]] == self.MANAGED[who]
        assert {client.get(way["url"]).status_code for way in answer.context["ways"]} == {200}

    def test_has_nothing_for_faye_to_manage(self, browse, faye):
        assert browse(faye).get("/manage/").status_code == 403

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
