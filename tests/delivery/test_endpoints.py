from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from accounts import actions as accounts
from accounts.factors import FreshFactorNeeded
from audit.models import Entry
from delivery import post
from delivery.actions import endpoints as actions
from delivery.models import Delivery, Endpoint, Mailing, Recipient
from network import leaving
from tests import factories
from tests.delivery import hooks, smtp
from tests.delivery.factories import audience, released
from tests.delivery.test_carrier import go, make_due
from tests.factories import appoint, fresh, join, lapse

pytestmark = pytest.mark.django_db
HERE = "/messages/webhooks/"
URL = "https://hooks.haven.example/lantern"
ASKED = {"name": "Case system", "url": URL}


@pytest.fixture
def receiver(settings):
    settings.WEBHOOKS_TO_LOOPBACK = True
    with hooks.running() as found:
        yield found


@pytest.fixture
def mail_server(settings):
    with smtp.running(pipelining=True) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def endpoint(mia, haven, settings) -> Endpoint:
    return actions.add(agency=haven, **ASKED, by=fresh(mia))[0]


@pytest.fixture
def told(durham, mia, endpoint, receiver, mail_server) -> Delivery:
    """Mia's system was told of an alert."""
    Endpoint.objects.update(url=receiver.url)
    released(durham)
    go()
    return Delivery.objects.get(channel="webhook")


class TestAdd:
    def test_keeps_the_secret_sealed_and_leaves_an_entry(self, mia, haven):
        endpoint, secret = actions.add(agency=haven, **ASKED, by=fresh(mia))
        assert re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret)
        assert secret not in endpoint.secret
        assert (endpoint.owner, endpoint.agency) == (mia, haven)
        entry = Entry.objects.get(verb="endpoint.add")
        assert (entry.subject_name, entry.agency_id) == ("Case system", haven.pk)
        assert "hooks" not in str(entry.details)

    @pytest.mark.parametrize("who", ["ben", "otto", "nell", "cora", "asha", "cal", "faye", "dara", "nora", "omar"])
    def test_is_for_the_agencys_leads(self, who, haven, request):
        with pytest.raises(PermissionDenied):
            actions.add(agency=haven, **ASKED, by=fresh(request.getfixturevalue(who)))

    def test_asks_for_a_fresh_factor(self, mia, haven):
        with pytest.raises(FreshFactorNeeded):
            actions.add(agency=haven, **ASKED, by=mia)

    @pytest.mark.parametrize("url", ["http://hooks.haven.example/", "https://127.0.0.1/", "https://u:p@x.example/"])
    def test_refuses_an_address_that_may_not_be_called(self, url, mia, haven):
        with pytest.raises(ValidationError) as refused:
            actions.add(agency=haven, name="Case system", url=url, by=fresh(mia))
        assert list(refused.value.message_dict) == ["url"]

    def test_refuses_a_second_one_of_the_same_person_and_agency(self, mia, haven, endpoint):
        with pytest.raises(ValidationError, match="You have a webhook for this agency already"):
            actions.add(agency=haven, **ASKED, by=fresh(mia))
        actions.end(endpoint=endpoint, by=mia)
        assert actions.add(agency=haven, **ASKED, by=fresh(mia))


class TestEnd:
    def test_ends_it_and_what_was_owed_to_it_at_once(self, durham, mia, otto, endpoint):
        released(durham)
        actions.end(endpoint=endpoint, by=mia)
        row = Delivery.objects.get(channel="webhook")
        assert (row.state, row.detail) == ("suppressed", "The webhook was ended.")
        assert set(Delivery.objects.filter(channel="email").values_list("state", flat=True)) == {"queued"}
        assert Entry.objects.filter(verb="endpoint.end").count() == 1
        with pytest.raises(ValidationError, match="ended already"):
            actions.end(endpoint=endpoint, by=mia)

    @pytest.mark.parametrize("who", ["ben", "otto", "cora", "omar"])
    def test_is_for_the_agencys_leads(self, who, endpoint, request):
        with pytest.raises(PermissionDenied):
            actions.end(endpoint=endpoint, by=request.getfixturevalue(who))


class TestSendAgain:
    def test_repeats_it_with_the_same_id_and_says_that_it_may_come_twice(self, mia, endpoint, told, receiver):
        assert told.state == "sent"
        actions.send_again(endpoint=endpoint, delivery=told, by=mia)
        go()
        told.refresh_from_db()
        assert (told.state, told.possible_repeat) == ("sent", True)
        first, second = receiver.calls
        assert (first.key, first.body) == (second.key, second.body)
        entry = Entry.objects.get(verb="endpoint.send_again")
        assert entry.details == {"delivery": told.pk}

    def test_what_failed_is_no_repeat(self, durham, mia, endpoint, receiver, mail_server):
        Endpoint.objects.update(url=receiver.url)
        receiver.answers = [410, 200]
        released(durham)
        go()
        row = Delivery.objects.get(channel="webhook")
        actions.send_again(endpoint=endpoint, delivery=row, by=mia)
        go()
        row.refresh_from_db()
        assert (row.state, row.possible_repeat, row.detail) == ("sent", False, "")

    @pytest.mark.parametrize("why", ["withdrawn", "expired", "too old", "under way", "suppressed"])
    def test_refuses_what_may_not_go_any_more(self, why, mia, endpoint, told, receiver):
        past = Now() - dt.timedelta(seconds=1)
        if why == "withdrawn":
            post.withdraw(Mailing.objects.get())
        if why == "expired":
            Mailing.objects.update(expires_at=past)
        if why == "too old":
            Mailing.objects.update(deadline_at=past)
        if why == "under way":
            Delivery.objects.update(state="sending")
        if why == "suppressed":
            Delivery.objects.update(state="suppressed")
        before = Delivery.objects.values().get(pk=told.pk)
        with pytest.raises(ValidationError, match="cannot be sent again"):
            actions.send_again(endpoint=endpoint, delivery=told, by=mia)
        assert Delivery.objects.values().get(pk=told.pk) == before

    @pytest.mark.parametrize("why", ["signature", "suspension", "membership", "role"])
    def test_refuses_what_the_agency_is_not_entitled_to_any_more(
        self, why, durham, haven, riverside, mia, endpoint, receiver, mail_server
    ):
        """The agency is in another network as well, so that its webhook goes on working."""
        join(haven, riverside)
        Endpoint.objects.update(url=receiver.url)
        released(durham, marking="OFFICIAL-SENSITIVE", withheld=True)
        go()
        told = Delivery.objects.get(channel="webhook")
        if why == "signature":
            lapse(haven)
        if why == "suspension":
            haven.memberships.filter(network=durham).update(suspended_at=Now())
        if why == "membership":
            haven.memberships.filter(network=durham).update(until_at=Now())
        if why == "role":
            Recipient.objects.filter(person=mia).update(agency=None, role="coordinator")
        if why != "role":
            assert Endpoint.objects.live().exists()
        before = Delivery.objects.values().get(pk=told.pk)
        with pytest.raises(ValidationError, match="cannot be sent again"):
            actions.send_again(endpoint=endpoint, delivery=told, by=mia)
        assert Delivery.objects.values().get(pk=told.pk) == before
        assert len(receiver.calls) == 1

    def test_refuses_an_e_mail_and_what_is_anothers(self, durham, mia, otto, harbour, endpoint, told):
        letter = Delivery.objects.get(channel="email", recipient__person=mia)
        theirs, _ = actions.add(agency=harbour, **ASKED, by=fresh(otto))
        for wrong, row, by in ((endpoint, letter, mia), (theirs, told, otto)):
            with pytest.raises(ValidationError, match="cannot be sent again"):
                actions.send_again(endpoint=wrong, delivery=row, by=by)

    def test_refuses_what_no_longer_works(self, mia, endpoint, told):
        actions.end(endpoint=endpoint, by=mia)
        with pytest.raises(ValidationError, match="works no longer"):
            actions.send_again(endpoint=endpoint, delivery=told, by=mia)

    def test_is_for_the_agencys_leads(self, endpoint, told, ben):
        with pytest.raises(PermissionDenied):
            actions.send_again(endpoint=endpoint, delivery=told, by=ben)


class TestLeaving:
    def test_is_told_to_who_ends_their_roles(self, mia, haven, endpoint, cora):
        found = {row.label: row.number for row in leaving.held(mia, haven, mia)}
        assert found["Webhooks"] == 1
        assert "Webhooks" not in {row.label for row in leaving.held(mia, haven, cora)}

    def test_ends_with_the_last_role_there(self, mia, haven, endpoint):
        leaving.let_go(mia, haven)
        endpoint.refresh_from_db()
        assert endpoint.ended_at

    def test_ends_with_the_account(self, mia, haven, endpoint, nora, otto):
        appoint(otto, "lead", haven)
        accounts.close(person=mia, by=fresh(nora))
        endpoint.refresh_from_db()
        assert endpoint.ended_at


class TestWebhooks:
    @pytest.mark.parametrize("who", ["ben", "cora", "asha", "cal", "faye", "dara", "nora", "omar"])
    def test_is_for_leads(self, who, browse, request):
        client = browse(request.getfixturevalue(who))
        assert client.get(HERE).status_code == client.get(f"{HERE}add/").status_code == 403
        assert client.post(f"{HERE}add/", ASKED).status_code == 403

    def test_says_how_each_stands(self, browse, mia, otto, haven, told, receiver):
        page = browse(mia).get(HERE).content.decode()
        assert "Live</strong>" in page
        assert "127.0.0.1" in page
        assert "Last took a message on" in page
        receiver.answers = [503]
        make_due()
        actions.send_again(endpoint=Endpoint.objects.get(), delivery=told, by=mia)
        go()
        assert "Last problem, with DUR-2026-0042: 503 Service Unavailable" in browse(mia).get(HERE).content.decode()
        mia.appointments.update(until_at=Now())
        appoint(otto, "lead", haven)
        page = browse(otto).get(HERE).content.decode()
        assert "Not working</strong>" in page
        assert "because Mia Hughes does not lead the agency now" in page

    def test_shows_other_agencies_to_nobody(self, browse, otto, endpoint):
        page = browse(otto).get(HERE).content.decode()
        assert "Case system" not in page
        assert "Your agency has no webhooks" in page

    def test_costs_the_same_for_many(self, browse, mia, haven, endpoint):
        client = browse(mia)
        with CaptureQueriesContext(connection) as one:
            client.get(HERE)
        for _ in range(4):
            actions.end(endpoint=Endpoint.objects.get(ended_at=None), by=mia)
            actions.add(agency=haven, **ASKED, by=fresh(mia))
        with CaptureQueriesContext(connection) as five:
            assert client.get(HERE).content.decode().count("Ended</strong>") == 4
        assert len(one) == len(five)


class TestAddWebhook:
    def test_shows_the_secret_once_and_leaves_it_nowhere(self, browse, mia, haven):
        client = browse(mia)
        answer = client.post(f"{HERE}add/", {**ASKED, "agency": haven.pk})
        secret = re.search(r"whsec_[A-Za-z0-9+/]{43}=", answer.content.decode())[0]
        assert "no-store" in answer["Cache-Control"]
        assert secret not in str(dict(client.session)) + str(client.cookies)
        page = client.get(HERE).content.decode()
        assert "hooks.haven.example" in page
        assert secret not in page

    def test_asks_again_who_has_not_given_a_factor_just_now(self, browse, mia, haven):
        answer = browse(mia, factor="stale").post(f"{HERE}add/", {**ASKED, "agency": haven.pk})
        assert answer.status_code == 403
        assert "Confirm that it is you" in answer.content.decode()
        assert not Endpoint.objects.exists()

    def test_says_what_is_wrong_and_keeps_what_was_typed(self, browse, mia, haven):
        asked = {"agency": haven.pk, "name": "Case system", "url": "http://10.0.0.7/in"}
        page = browse(mia).post(f"{HERE}add/", asked).content.decode()
        assert "There is a problem" in page
        assert "Enter an address that begins with https://" in page
        assert 'value="http://10.0.0.7/in"' in page
        assert 'value="Case system"' in page
        assert not Endpoint.objects.exists()

    def test_says_that_one_is_enough(self, browse, mia, haven, endpoint):
        page = browse(mia).post(f"{HERE}add/", {**ASKED, "agency": haven.pk}).content.decode()
        assert "You have a webhook for this agency already. End it first." in page

    def test_is_for_no_agency_but_those_one_leads(self, browse, mia, harbour, haven):
        assert browse(mia).post(f"{HERE}add/", {**ASKED, "agency": harbour.pk}).status_code == 200
        assert not Endpoint.objects.exists()


class TestWebhook:
    def test_shows_what_was_told_and_how_it_went(self, browse, mia, endpoint, told, receiver):
        page = browse(mia).get(f"{HERE}{endpoint.pk}/").content.decode()
        assert "DUR-2026-0042" in page
        assert receiver.calls[0].key in page
        assert "Taken</strong>" in page
        assert "Send again" in page
        assert "White van" not in page

    def test_says_when_the_system_is_gone_and_offers_nothing_that_is_refused(
        self, browse, mia, durham, endpoint, receiver, mail_server
    ):
        Endpoint.objects.update(url=receiver.url)
        receiver.answers = [410]
        released(durham)
        go()
        page = browse(mia).get(f"{HERE}{endpoint.pk}/").content.decode()
        assert "nothing is there any more (410)" in page
        assert "Send again" in page
        Mailing.objects.update(deadline_at=Now() - dt.timedelta(seconds=1))
        assert "Send again" not in browse(mia).get(f"{HERE}{endpoint.pk}/").content.decode()

    def test_shows_the_last_few_for_the_price_of_one(self, browse, durham, mia, endpoint, told, monkeypatch):
        monkeypatch.setattr("delivery.views.endpoints.SHOWN", 3)
        url, client = f"{HERE}{endpoint.pk}/", browse(mia)
        with CaptureQueriesContext(connection) as one:
            client.get(url)
        for number in range(4):
            released(durham, reference=f"DUR-2026-100{number}")
        with CaptureQueriesContext(connection) as many:
            page = client.get(url).content.decode()
        assert len(one) == len(many)
        assert page.count("DUR-2026-100") == 3
        assert "DUR-2026-1000" not in page
        assert "The last 3 messages" in page

    def test_tells_a_colleague_how_it_went_and_not_what_they_were_not_sent(
        self, browse, durham, haven, mia, endpoint, receiver, mail_server
    ):
        """An alert for leads only: the deputy must not learn that it exists, by page, list or press."""
        dot = factories.person("Dot Amari", "deputy", haven)
        Endpoint.objects.update(url=receiver.url)
        receiver.answers = [503, 200]
        strict = {"marking": "OFFICIAL-SENSITIVE", "withheld": True, "subject": "canary", "text": "canary"}
        released(
            durham, audience(durham, roles=["lead"]), reference="DUR-2026-0077", path="/alerts/DUR-2026-0077/", **strict
        )
        go()
        released(durham, audience(durham, roles=["lead", "deputy"]), reference="DUR-2026-0078")
        go()
        shown = {who: browse(who).get(f"{HERE}{endpoint.pk}/").content.decode() for who in (mia, dot)}
        assert "DUR-2026-0077" in shown[mia]
        assert "DUR-2026-0077" not in shown[dot]
        assert "A message that you cannot see" in shown[dot]
        assert "DUR-2026-0078" in shown[dot]
        assert "Last problem, with DUR-2026-0077: 503" in browse(mia).get(HERE).content.decode()
        listed = browse(dot).get(HERE).content.decode()
        assert "Last problem: 503" in listed
        assert "DUR-2026-0077" not in listed
        assert "canary" not in listed + "".join(shown.values())

    def test_after_a_suspension_says_nothing_of_that_network(
        self, browse, durham, haven, riverside, mia, endpoint, told
    ):
        join(haven, riverside)
        assert "DUR-2026-0042" in browse(mia).get(f"{HERE}{endpoint.pk}/").content.decode()
        haven.memberships.filter(network=durham).update(suspended_at=Now())
        page = browse(mia).get(f"{HERE}{endpoint.pk}/").content.decode()
        assert "DUR-2026-0042" not in page
        assert "Send again" not in page

    def test_shows_what_names_and_addresses_hold_as_letters(self, browse, mia, haven):
        name, url = "<script>alert(1)</script>", "https://x.example/?a=<b>\"'"
        endpoint, _ = actions.add(agency=haven, name=name, url=url, by=fresh(mia))
        for path in (HERE, f"{HERE}{endpoint.pk}/", f"{HERE}{endpoint.pk}/end/", "/audit/"):
            page = browse(mia).get(path).content.decode()
            assert "<script>alert" not in page
            assert "<b>" not in page.partition("<main")[2]

    def test_shows_nothing_of_the_one_before(self, browse, mia, haven, endpoint, told):
        actions.end(endpoint=endpoint, by=mia)
        Endpoint.objects.update(ended_at=Now() - dt.timedelta(seconds=1))
        Mailing.objects.update(released_at=Now() - dt.timedelta(seconds=2))
        Endpoint.objects.update(created_at=Now() - dt.timedelta(seconds=3))
        later, _ = actions.add(agency=haven, **ASKED, by=fresh(mia))
        assert "Nothing has been sent yet" in browse(mia).get(f"{HERE}{later.pk}/").content.decode()
        assert "DUR-2026-0042" in browse(mia).get(f"{HERE}{endpoint.pk}/").content.decode()

    def test_is_not_there_for_others(self, browse, endpoint, told, otto, ben, cora, omar):
        for person in (otto, ben, cora, omar):
            assert browse(person).get(f"{HERE}{endpoint.pk}/").status_code == 404
            assert browse(person).post(f"{HERE}{endpoint.pk}/end/").status_code == 404
            assert browse(person).post(f"{HERE}{endpoint.pk}/again/{told.pk}/").status_code == 404


class TestPresses:
    def test_end_asks_first_and_ends_by_post(self, browse, mia, endpoint):
        client, url = browse(mia), f"{HERE}{endpoint.pk}/end/"
        assert client.get(url).status_code == 200
        assert not Endpoint.objects.get().ended_at
        assert "The webhook has ended" in client.post(url, follow=True).content.decode()
        assert "has ended already" in client.post(url, follow=True).content.decode()

    def test_send_again_by_post_only(self, browse, mia, endpoint, told):
        client, url = browse(mia), f"{HERE}{endpoint.pk}/again/{told.pk}/"
        assert client.get(url).status_code == 405
        assert "It is on its way again" in client.post(url, follow=True).content.decode()
        assert "cannot be sent again" in client.post(url, follow=True).content.decode()

    def test_send_again_knows_no_delivery_but_those_of_its_log(self, browse, mia, endpoint, told):
        letter = Delivery.objects.get(channel="email", recipient__person=mia)
        assert browse(mia).post(f"{HERE}{endpoint.pk}/again/{letter.pk}/").status_code == 404
