from __future__ import annotations

import re

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from alerts import actions, desk
from alerts import release as releases
from alerts.models import Alert
from audit.models import Entry
from delivery import gate
from delivery.models import Delivery, Recipient
from tests.alerts import factories
from tests.alerts.factories import SENSITIVE
from tests.factories import AgencyFactory, person, sign_in

OF_ONE = ("detail", "edit", "address", "return", "release", "sent", "progress", "board", "withdraw")
BUTTONS = ("submit", "acknowledge")


def at(name, alert, **query):
    found = reverse(f"alerts:{name}", args=[alert.reference])
    return found + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")


def plain(response, reference):
    """The page without what differs at every look: the form token and the address itself."""
    return re.sub(r'value="\w{64}"', "", text_of(response)).replace(reference, "")


def text_of(response):
    return response.content.decode()


@pytest.fixture
def out(durham, cora, haven, mia, ben):
    return factories.released(durham, cora, haven)


@pytest.fixture
def posted(durham):
    """What the form sends for a new alert."""
    words = {k: v for k, v in factories.CONTENT.items() if v is not None}
    return words | {"network": durham.pk}


class TestEveryAddress:
    @pytest.mark.parametrize("who", ["otto", "nell", "cal", "faye", "omar"])
    def test_answers_exactly_as_if_there_were_no_such_alert(self, out, browse, request, who):
        client = browse(request.getfixturevalue(who))
        for name in (*OF_ONE, *BUTTONS):
            method = client.post if name in BUTTONS else client.get
            hidden, missing = method(at(name, out)), method(at(name, Alert(reference="DUR-2026-9999")))
            assert hidden.status_code == missing.status_code == 404
            assert plain(hidden, out.reference) == plain(missing, "DUR-2026-9999")

    def test_sends_nobody_to_sign_in_first(self, out, browse, anonymous):
        assert {browse(anonymous).get(at(name, out)).status_code for name in OF_ONE} == {302}

    def test_refuses_a_recipient_what_is_for_those_who_run_it(self, out, browse, ben):
        names = ("edit", "address", "return", "withdraw", "sent", "progress")
        assert {browse(ben).get(at(name, out)).status_code for name in names} == {403}

    def test_changes_nothing_when_it_is_only_opened(self, out, browse, mia, cora):
        before = list(Alert.objects.values()), list(Recipient.objects.values()), Entry.objects.count()
        for client in (browse(mia), browse(cora)):
            for name in OF_ONE:
                client.get(at(name, out))
                client.head(at(name, out))
        assert before == (list(Alert.objects.values()), list(Recipient.objects.values()), Entry.objects.count())


class TestInbox:
    def test_lists_what_waits_for_the_reader_and_moves_it_once_acknowledged(self, out, browse, mia):
        lists = {found["section"].name: found["alerts"] for found in browse(mia).get("/alerts/").context["lists"]}
        assert lists["waiting"] == [out]
        actions.acknowledge(alert=out, by=mia)
        lists = {found["section"].name: found["alerts"] for found in browse(mia).get("/alerts/").context["lists"]}
        assert (lists["waiting"], lists["earlier"]) == ([], [out])

    @pytest.mark.parametrize("who", ["otto", "nell", "cal"])
    def test_holds_nothing_of_it_for_others(self, out, browse, who, request):
        page = text_of(browse(request.getfixturevalue(who)).get("/alerts/"))
        assert out.reference not in page
        assert "Car washes" not in page

    def test_shows_those_who_run_the_network_what_they_work_on(self, durham, cora, asha, haven, mia, browse):
        draft, waiting = factories.draft(durham, cora), factories.submitted(durham, cora, haven)
        out = factories.released(durham, cora, haven)
        lists = {found["section"].name: found["alerts"] for found in browse(asha).get("/alerts/").context["lists"]}
        assert (lists["drafts"], lists["approval"], lists["released"]) == ([draft], [waiting], [out])

    def test_calls_a_sensitive_alert_by_reference_for_the_auditor(self, durham, cora, asha, haven, mia, dara, browse):
        alert = factories.released(durham, cora, haven, approver=asha, **SENSITIVE)
        page = text_of(browse(dara).get("/alerts/"))
        assert alert.reference in page
        assert "Car washes" not in page

    def test_says_so_when_there_is_nothing(self, browse, otto):
        assert "Nothing is waiting for you" in text_of(browse(otto).get("/alerts/"))

    def test_asks_the_database_as_often_for_many_as_for_one(
        self, durham, cora, haven, mia, browse, django_assert_max_num_queries
    ):
        factories.released(durham, cora, haven)
        client = browse(cora)
        with django_assert_max_num_queries(20) as first:
            client.get("/alerts/")
        for _ in range(4):
            factories.released(durham, cora, haven)
            factories.draft(durham, cora)
            factories.submitted(durham, cora, haven)
        with django_assert_max_num_queries(20) as second:
            client.get("/alerts/")
        assert len(first) == len(second)


class TestSection:
    def test_pages_through_every_row_once(self, durham, cora, haven, mia, browse, monkeypatch):
        monkeypatch.setattr(desk, "PAGE", 2)
        made = [factories.released(durham, cora, haven) for _ in range(5)]
        seen, url = [], reverse("alerts:section", args=["waiting"])
        while url:
            response = browse(mia).get(url)
            seen += response.context["alerts"]
            url = response.context["older"]
        assert seen == made[::-1]

    def test_is_absent_for_who_has_no_such_list(self, browse, ben):
        assert browse(ben).get(reverse("alerts:section", args=["released"])).status_code == 404

    def test_is_absent_from_a_place_that_makes_no_sense(self, browse, ben):
        assert browse(ben).get(reverse("alerts:section", args=["waiting"]) + "?before=x").status_code == 404


class TestDetail:
    def test_gives_marking_then_action_then_what_is_known(self, out, browse, mia):
        page = text_of(browse(mia).get(at("detail", out)))
        order = [page.index(word) for word in ("TLP:GREEN", "passports", "I have read this", "before dawn")]
        assert order == sorted(order)

    def test_says_whether_it_may_be_passed_on(self, out, browse, mia):
        assert out.allows in text_of(browse(mia).get(at("detail", out)))

    @pytest.mark.parametrize("who", ["dara", "nora"])
    def test_hides_a_sensitive_body_from_those_who_only_watch(
        self, durham, cora, asha, haven, mia, browse, who, request
    ):
        alert = factories.released(durham, cora, haven, approver=asha, handling="Not by phone", **SENSITIVE)
        response = browse(request.getfixturevalue(who), factor="stale").get(at("detail", alert))
        assert response.status_code == 200
        assert not any(word in text_of(response) for word in ("Car washes", "passports", "dawn", "Not by phone"))

    def test_masks_what_was_withdrawn(self, out, cora, mia, browse):
        actions.withdraw(alert=out, reason="The van was ours", by=cora)
        page = text_of(browse(mia).get(at("detail", out)))
        assert "was withdrawn on" in page
        assert not any(word in page for word in ("Car washes", "passports", "dawn", "The van was ours"))

    def test_keeps_red_off_paper(self, out, durham, cora, asha, haven, mia, browse):
        alert = factories.released(durham, cora, haven, approver=asha, tlp="RED")
        page = text_of(browse(mia).get(at("detail", alert)))
        assert "data-print" not in page
        assert "Car washes" not in page.split("<title>")[1].split("</title>")[0]  # browsers print it on each sheet
        (body,) = re.findall(r'<article class="[^"]*lantern-no-print">(.*)</article>', page, re.DOTALL)
        assert "before dawn" in body
        assert "may not be printed" in page.replace(body, "")
        assert "may not be printed" not in text_of(browse(mia).get(at("detail", out)))

    def test_offers_the_next_step_only_to_those_who_may_take_it(self, durham, cora, asha, haven, mia, browse):
        alert = factories.submitted(durham, cora, haven, **SENSITIVE)
        assert "Check and release" not in text_of(browse(cora).get(at("detail", alert)))
        assert "Check and release" in text_of(browse(asha).get(at("detail", alert)))

    def test_escapes_what_was_typed(self, durham, cora, haven, mia, browse):
        alert = factories.released(durham, cora, haven, text="<script>alert(1)</script>")
        assert "<script>alert" not in text_of(browse(mia).get(at("detail", alert)))

    def test_asks_the_database_as_often_for_many_people_as_for_two(
        self, durham, cora, haven, mia, browse, django_assert_max_num_queries
    ):
        counts, client = [], browse(cora)
        for extra in (0, 30):
            for number in range(extra):
                person(f"P{number} Extra", "member", haven)
            alert = factories.released(durham, cora, haven)
            for name in ("detail", "board"):
                with django_assert_max_num_queries(20) as asked:
                    client.get(at(name, alert))
                counts.append(len(asked))
        assert counts[:2] == counts[2:]


class TestAcknowledge:
    def test_takes_one_press(self, out, browse, mia):
        response = browse(mia).post(at("acknowledge", out), follow=True)
        assert "You acknowledged this on" in text_of(response)

    @pytest.mark.parametrize("method", ["get", "head", "options"])
    def test_does_nothing_when_a_scanner_opens_it(self, out, browse, mia, method):
        assert getattr(browse(mia), method)(at("acknowledge", out)).status_code == 405
        assert not Recipient.objects.filter(acknowledged_at__isnull=False).exists()

    def test_does_nothing_without_the_pages_token(self, out, mia):
        from django.test import Client

        client = Client(enforce_csrf_checks=True)
        sign_in(client, mia)
        assert client.post(at("acknowledge", out)).status_code == 403
        assert not Recipient.objects.filter(acknowledged_at__isnull=False).exists()

    def test_is_refused_to_a_coordinator_who_was_not_sent_it(self, out, browse, cora):
        assert browse(cora).post(at("acknowledge", out)).status_code == 403

    def test_says_so_when_it_was_withdrawn(self, out, browse, cora, mia):
        actions.withdraw(alert=out, reason="Sent in error", by=cora)
        assert "You need not do anything" in text_of(browse(mia).post(at("acknowledge", out), follow=True))


class TestNew:
    def test_asks_only_those_who_may_write(self, browse, ben, mia, dara):
        assert browse(mia).get("/alerts/new/").status_code == 200
        assert browse(ben).get("/alerts/new/").status_code == 403
        assert browse(dara).get("/alerts/new/").status_code == 403

    def test_goes_on_to_who_it_is_for(self, browse, cora, posted):
        response = browse(cora).post("/alerts/new/", posted)
        alert = Alert.objects.get()
        assert response.headers["Location"] == at("address", alert)
        assert (alert.text, alert.created_by) == (posted["text"], cora)

    def test_keeps_what_was_typed_when_something_is_missing(self, browse, cora, posted):
        page = text_of(browse(cora).post("/alerts/new/", posted | {"title": ""}))
        assert "There is a problem" in page
        assert posted["instruction"] in page
        assert not Alert.objects.exists()

    def test_refuses_a_network_the_author_does_not_belong_to(self, browse, cora, posted, riverside):
        browse(cora).post("/alerts/new/", posted | {"network": riverside.pk})
        assert not Alert.objects.exists()

    def test_shows_what_must_never_be_entered(self, browse, cora):
        assert "Never put these in an alert" in text_of(browse(cora).get("/alerts/new/"))

    @pytest.mark.parametrize(("year", "ok"), [("2020", False), ("2099", True)])
    def test_does_not_begin_what_has_ended(self, year, ok, browse, cora, posted):
        ends = {"expires_at_day": "1", "expires_at_month": "1", "expires_at_year": year, "expires_at_time": "5pm"}
        page = text_of(browse(cora).post("/alerts/new/", posted | ends, follow=True))
        assert ("The end must be in the future" in page) is not ok
        assert Alert.objects.exists() is ok


class TestEdit:
    def test_changes_the_words(self, durham, cora, browse, posted):
        alert = factories.draft(durham, cora)
        response = browse(cora).post(at("edit", alert), posted | {"title": "Another"})
        assert response.status_code == 302
        assert Alert.objects.get().title == "Another"

    def test_shows_the_words_as_they_stand(self, durham, cora, browse):
        alert = factories.draft(durham, cora)
        assert "before dawn" in text_of(browse(cora).get(at("edit", alert)))

    def test_is_closed_to_an_auditor(self, durham, cora, dara, browse):
        assert browse(dara).get(at("edit", factories.draft(durham, cora))).status_code == 403

    def test_is_closed_after_release(self, out, cora, browse):
        assert browse(cora).get(at("edit", out)).status_code == 403


class TestRelease:
    def test_names_everyone_with_the_reason(self, durham, cora, haven, mia, ben, otto, browse):
        alert = factories.draft(durham, cora, haven)
        page = text_of(browse(cora).get(at("release", alert)))
        assert all(word in page for word in ("Mia Hughes", "Ben Okafor", "Lead of Haven House", "Release to 2 people"))
        assert "Otto" not in page

    def test_goes_from_draft_to_inbox(self, durham, cora, haven, mia, browse, posted):
        client = browse(cora)
        client.post("/alerts/new/", posted)
        alert = Alert.objects.get()
        response = client.post(at("address", alert), {"agencies": [haven.pk], "roles": ["lead"]})
        assert response.headers["Location"] == at("release", alert)
        seen = re.search(r'name="sheet" value="(\w+)"', text_of(client.get(at("release", alert))))[1]
        response = client.post(at("release", alert), {"sheet": seen}, follow=True)
        assert "Alert released" in text_of(response)
        assert "Car washes" in text_of(browse(mia).get("/alerts/"))

    def test_sends_nothing_for_a_sheet_that_is_out_of_date(self, durham, cora, haven, mia, browse):
        alert = factories.draft(durham, cora, haven)
        seen = releases.sheet(alert).fingerprint
        actions.edit(alert=alert, content={"title": "Another"}, by=cora)
        page = text_of(browse(cora).post(at("release", alert), {"sheet": seen}))
        assert "This alert changed since you looked" in page
        assert not Recipient.objects.exists()

    def test_lands_on_the_same_page_when_pressed_twice(self, durham, cora, haven, mia, browse):
        alert = factories.draft(durham, cora, haven)
        seen = {"sheet": releases.sheet(alert).fingerprint}
        answers = [browse(cora).post(at("release", alert), seen) for _ in range(2)]
        assert [a.headers["Location"] for a in answers] == [at("sent", alert)] * 2
        assert Recipient.objects.count() == 1

    def test_says_why_an_approver_is_needed_and_offers_to_ask_one(self, durham, cora, haven, mia, browse):
        alert = factories.draft(durham, cora, haven, **SENSITIVE)
        page = text_of(browse(cora).get(at("release", alert)))
        assert "It is marked OFFICIAL-SENSITIVE." in page
        assert "Submit for approval" in page
        assert "Release to 1 person" not in page

    def test_shows_that_nothing_of_a_withheld_alert_travels(self, durham, cora, haven, mia, browse):
        alert = factories.draft(durham, cora, haven, **SENSITIVE)
        assert "does not travel by email" in text_of(browse(cora).get(at("release", alert)))

    def test_asks_the_database_as_often_for_many_people_as_for_one(
        self, durham, cora, haven, mia, browse, django_assert_max_num_queries
    ):
        alert, counts, client = factories.draft(durham, cora, haven), [], browse(cora)
        for extra in (0, 30):
            for number in range(extra):
                person(f"P{number} Extra", "member", haven)
            with django_assert_max_num_queries(25) as asked:
                client.get(at("release", alert))
            counts.append(len(asked))
        assert counts[0] == counts[1]


class TestApproval:
    def test_is_asked_for_and_given(self, durham, cora, asha, haven, mia, browse):
        alert = factories.draft(durham, cora, haven, **SENSITIVE)
        browse(cora).post(at("submit", alert))
        page = text_of(browse(asha).get(at("release", alert)))
        seen = re.search(r'name="sheet" value="(\w+)"', page)[1]
        browse(asha).post(at("release", alert), {"sheet": seen})
        assert Alert.objects.get().released_by == asha

    def test_is_not_offered_to_the_author(self, durham, asha, haven, mia, browse):
        alert = factories.submitted(durham, asha, haven)
        page = text_of(browse(asha).get(at("release", alert)))
        assert 'name="sheet"' not in page
        seen = releases.sheet(alert).fingerprint
        assert browse(asha).post(at("release", alert), {"sheet": seen}).status_code == 403

    def test_can_be_refused_with_a_reason_the_author_reads(self, durham, cora, asha, haven, mia, browse):
        alert = factories.submitted(durham, cora, haven)
        browse(asha).post(at("return", alert), {"reason": "Too narrow an area"})
        assert "Too narrow an area" in text_of(browse(cora).get(at("detail", alert)))

    def test_wants_a_reason_to_return(self, durham, cora, asha, haven, mia, browse):
        alert = factories.submitted(durham, cora, haven)
        assert "Enter a reason" in text_of(browse(asha).post(at("return", alert), {"reason": ""}))


class TestSent:
    def test_tells_how_far_it_has_got(self, out, cora, browse):
        assert browse(cora).get(at("progress", out)).json() == {
            "done": 0,
            "total": 2,
            "text": "0 of 2 emails sent",
            "finished": False,
        }
        assert "data-progress" in text_of(browse(cora).get(at("sent", out)))

    def test_says_so_where_messages_are_held_and_whom_to_ring(self, out, cora, omar, browse):
        assert "Emails follow" in text_of(browse(cora).get(at("sent", out)))
        gate.close("A reason for operators", omar)
        page = text_of(browse(cora).get(at("sent", out)))
        assert "Messages are held" in page
        assert "Ring those who must know now" in page
        assert "Emails follow" not in page
        assert "A reason for operators" not in page

    def test_promises_nothing_once_nothing_follows(self, out, cora, browse):
        Delivery.objects.filter(mailing=out.mailing).update(state="withdrawn", finished_at=Now())
        page = text_of(browse(cora).get(at("sent", out)))
        assert "0 of 2 emails sent, 2 not sent on purpose" in page
        assert "Emails follow" not in page
        assert "sending goes on" not in page

    def test_is_nothing_before_release(self, durham, cora, browse):
        assert browse(cora).get(at("sent", factories.draft(durham, cora))).status_code == 403


class TestWithdraw:
    def test_asks_first_and_wants_a_reason(self, out, cora, browse):
        assert browse(cora).get(at("withdraw", out)).status_code == 200
        assert "Enter a reason" in text_of(browse(cora).post(at("withdraw", out), {"reason": ""}))
        browse(cora).post(at("withdraw", out), {"reason": "Sent in error"})
        assert Alert.objects.get().withdrawn_by == cora

    def test_lands_on_the_alert_when_pressed_twice(self, out, cora, browse):
        answers = [browse(cora).post(at("withdraw", out), {"reason": "Sent in error"}) for _ in range(2)]
        assert [a.headers["Location"] for a in answers] == [at("detail", out)] * 2


class TestBoard:
    def test_shows_a_lead_their_own_agency_only(self, durham, cora, haven, harbour, mia, ben, otto, browse):
        alert = factories.released(durham, cora, haven, harbour)
        page = text_of(browse(mia).get(at("board", alert)))
        assert "Ben Okafor" in page
        assert "Otto" not in page
        assert "Harbour" not in page

    def test_shows_a_member_their_own_row_only(self, out, ben, browse):
        page = text_of(browse(ben).get(at("board", out)))
        assert "Ben Okafor" in page
        assert "Mia Hughes" not in page

    @pytest.mark.parametrize("who", ["cora", "asha", "dara", "nora"])
    def test_shows_everyone_to_those_who_run_or_watch(self, out, browse, who, request):
        page = text_of(browse(request.getfixturevalue(who)).get(at("board", out)))
        assert "Mia Hughes" in page
        assert "Ben Okafor" in page

    def test_begins_with_the_agencies_that_do_not_have_it(self, durham, cora, haven, harbour, mia, otto, browse):
        alert = factories.released(durham, cora, haven, harbour)
        for answering, first in ((otto, "Haven"), (mia, "Harbour")):
            actions.acknowledge(alert=alert, by=answering)
            page = text_of(browse(cora).get(at("board", alert))).partition("By agency")[2]
            assert min(("Haven", "Harbour"), key=page.index) == first

    def test_can_leave_out_those_who_have(self, out, cora, mia, browse):
        actions.acknowledge(alert=out, by=mia)
        page = text_of(browse(cora).get(at("board", out, waiting="")))
        assert "Ben Okafor" in page
        assert "Mia Hughes" not in page

    def test_pages_through_everyone(self, durham, cora, browse, monkeypatch):
        from alerts import board

        monkeypatch.setattr(board, "PAGE", 2)
        agency = AgencyFactory(network=durham)
        for number in range(5):
            person(f"P{number} Extra", "member", agency)
        alert, seen, after = factories.released(durham, cora, agency), [], 0
        while after is not None:
            context = browse(cora).get(at("board", alert, after=after)).context
            seen += [recipient.person.name for recipient, _ in context["people"]]
            after = context["after"]
        assert sorted(seen) == [f"P{number} Extra" for number in range(5)]
