from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from standardwebhooks import Webhook as Verifier

from audit.models import Entry
from delivery import bells, digests, hooks, operating, promise, summaries, trials
from delivery.actions import endpoints as actions
from delivery.models import Delivery, Endpoint, Mailing, Preference, Quiet, Recipient
from tests import factories
from tests.delivery import hooks as receivers
from tests.delivery import smtp
from tests.delivery.factories import released
from tests.delivery.test_carrier import go, make_due
from tests.factories import AgencyFactory, NetworkFactory, appoint, fresh, join, person

pytestmark = pytest.mark.django_db
HERE = "/messages/webhooks/"


@pytest.fixture(autouse=True)
def mail_server(settings):
    """Email works all the while."""
    settings.WEBHOOKS_TO_LOOPBACK = True
    with smtp.running(pipelining=True) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def receiver():
    with receivers.running() as found:
        yield found


@pytest.fixture
def added(mia, haven, receiver):
    """Mia's webhook, and its secret."""
    return actions.add(agency=haven, name="Case system", url=receiver.url, by=fresh(mia))


@pytest.fixture
def endpoint(added) -> Endpoint:
    return added[0]


def a_minute_later() -> None:
    Mailing.objects.update(released_at=Now() - dt.timedelta(seconds=61))
    Endpoint.objects.update(created_at=Now() - dt.timedelta(seconds=99))


def page_of(browse, who, endpoint) -> str:
    return browse(who).get(f"{HERE}{endpoint.pk}/").content.decode()


class TestSend:
    def test_sends_a_signed_event_of_its_own_type_in_which_nothing_is_real(self, durham, mia, added, receiver):
        sent = trials.send(added[0])
        go()
        (call,) = receiver.calls
        assert call.is_signed_with(added[1])
        assert Verifier(added[1]).verify(call.body, call.headers) == call.told
        assert call.told == {
            "type": "webhook.test",
            "timestamp": sent.released_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "data": {"kind": "test", "reference": "TEST", "subject": "This is a test", "text": trials.WORDS},
        }
        for real in (durham.name, durham.prefix, "Haven", "Mia", "127.0.0.1", str(added[0].pk)):
            assert real not in call.body.decode()
        assert Delivery.objects.get().state == "sent"

    def test_tells_that_endpoint_alone_and_writes_to_nobody(
        self, durham, haven, mia, ben, otto, harbour, added, mail_server
    ):
        deputy = factories.person("Dot Amari", "deputy", haven)
        with receivers.running() as other, receivers.running() as third:
            actions.add(agency=harbour, name="Other", url=other.url, by=fresh(otto))
            actions.add(agency=haven, name="Third", url=third.url, by=fresh(deputy))
            trials.send(added[0])
            go()
            assert other.calls == third.calls == []
        assert mail_server.accepted == []
        row = Delivery.objects.get()
        assert (row.channel, row.recipient.person, Recipient.objects.count()) == ("webhook", mia, 1)

    def test_is_muted_by_nothing_and_waits_for_no_morning(self, mia, endpoint, receiver):
        for kind in Mailing.Kind:
            Preference.objects.create(person=mia, kind=kind, channel="email", choice="off")
        Quiet.objects.create(person=mia, begins=dt.time(0), ends=dt.time(23, 59))
        sent = trials.send(endpoint)
        go()
        assert len(receiver.calls) == 1
        assert not sent.may_be_muted

    def test_is_tried_again_with_the_same_id_and_ends_after_an_hour(self, endpoint, receiver):
        receiver.answers = [503]
        sent = trials.send(endpoint)
        sent.refresh_from_db()
        assert sent.expires_at - sent.released_at < dt.timedelta(hours=1, seconds=30)
        assert sent.expires_at - sent.released_at > dt.timedelta(minutes=59)
        for _ in range(2):
            go()
            assert Delivery.objects.get().state == "queued"
            make_due()
        first, second = receiver.calls
        assert (first.key, first.body) == (second.key, second.body)
        Mailing.objects.update(expires_at=Now())
        go()
        assert Delivery.objects.get().state == "expired"
        assert len(receiver.calls) == 2

    def test_keeps_of_the_answer_its_number_only(self, browse, mia, endpoint, receiver):
        receiver.answers = [418]
        trials.send(endpoint)
        go()
        assert Delivery.objects.get().detail == "418 I'm a Teapot"
        assert receivers.CANARY not in page_of(browse, mia, endpoint)

    @pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "https://localhost:9/", "https://169.254.169.254/latest"])
    def test_calls_nothing_inside(self, url, settings, endpoint, receiver):
        settings.WEBHOOKS_TO_LOOPBACK = False
        Endpoint.objects.update(url=url)
        trials.send(endpoint)
        go()
        row = Delivery.objects.get()
        assert row.state == "queued"
        assert "refused" not in row.detail.lower()
        assert receiver.connections == 0

    def test_goes_once_a_minute(self, endpoint, receiver):
        trials.send(endpoint)
        with pytest.raises(ValidationError, match="less than a minute ago"):
            trials.send(endpoint)
        a_minute_later()
        trials.send(endpoint)
        go()
        assert len({call.key for call in receiver.calls}) == 2

    def test_the_minute_of_another_endpoint_and_an_alert_just_now_hold_up_nothing(
        self, durham, haven, harbour, otto, endpoint
    ):
        released(durham)
        other, _ = actions.add(agency=harbour, name="Other", url="https://o.example/", by=fresh(otto))
        trials.send(other)
        assert trials.send(endpoint)

    def test_is_refused_of_what_has_ended_or_works_no_longer(self, durham, haven, mia, endpoint):
        actions.end(endpoint=endpoint, by=mia)
        with pytest.raises(ValidationError, match="works no longer"):
            trials.send(endpoint)
        Endpoint.objects.update(ended_at=None)
        haven.memberships.update(suspended_at=Now())
        with pytest.raises(ValidationError, match="works no longer"):
            trials.send(endpoint)
        haven.memberships.update(suspended_at=None)
        mia.appointments.update(until_at=Now())
        with pytest.raises(ValidationError, match="works no longer"):
            trials.send(endpoint)
        assert not Mailing.objects.exists()

    def test_belongs_to_a_network_in_which_the_agency_still_is(self, durham, riverside, haven, endpoint, receiver):
        join(haven, riverside)
        haven.memberships.filter(network=durham).update(suspended_at=Now())
        assert trials.send(endpoint).network == riverside
        go()
        assert len(receiver.calls) == 1

    def test_is_one_of_an_owner_with_two_roles(self, mia, haven, endpoint):
        appoint(mia, "deputy", haven)
        trials.send(endpoint)
        assert Delivery.objects.count() == 1

    def test_ends_with_its_endpoint(self, mia, endpoint, receiver):
        trials.send(endpoint)
        actions.end(endpoint=endpoint, by=mia)
        go()
        assert (Delivery.objects.get().state, receiver.calls) == ("suppressed", [])

    def test_rings_when_it_is_committed(self, endpoint, monkeypatch, django_capture_on_commit_callbacks):
        rung = []
        monkeypatch.setattr(bells, "ring", rung.append)
        with django_capture_on_commit_callbacks(execute=True):
            trials.send(endpoint)
            assert rung == []
        assert rung == ["priority"]


class TestIsNoMessage:
    def test_counts_in_no_measure_and_no_summary(self, durham, mia, endpoint):
        for kind in Mailing.Kind:
            Preference.objects.create(person=mia, kind=kind, channel="email", choice="digest")
        trials.send(endpoint)
        go()
        assert promise.measured(durham.pk) == []
        assert not digests.open_rows().exists()
        assert summaries.make(durham, dt.date(2026, 11, 22)) is None

    def test_is_nothing_that_others_see(self, mia, ben, cora, otto, haven, endpoint):
        trials.send(endpoint)
        for who in (ben, cora, otto, factories.person("Dot Amari", "deputy", haven)):
            assert not Recipient.objects.visible_to(who).exists()
            assert not Delivery.objects.visible_to(who).exists()

    def test_is_not_told_of_where_webhooks_are_listed(self, browse, mia, endpoint, receiver):
        receiver.answers = [200, 503]
        for _ in range(2):
            trials.send(endpoint)
            go()
            a_minute_later()
        page = browse(mia).get(HERE).content.decode()
        assert "Has taken no message yet" in page
        assert "Last problem" not in page

    def test_cannot_be_sent_again(self, browse, mia, endpoint):
        trials.send(endpoint)
        go()
        row = Delivery.objects.get()
        assert not hooks.may_go_again(endpoint, [row])
        with pytest.raises(ValidationError, match="cannot be sent again"):
            actions.send_again(endpoint=endpoint, delivery=row, by=mia)

    def test_is_owed_to_no_operator_beyond_its_hour(self, endpoint, receiver):
        receiver.answers = [410]
        trials.send(endpoint)
        go()
        assert operating.retryable_today() == 1
        Mailing.objects.update(expires_at=Now())
        assert operating.retryable_today() == 0


class TestPressed:
    def test_shows_as_a_test_with_how_it_went(self, browse, mia, haven, endpoint, receiver):
        client, url = browse(mia), f"{HERE}{endpoint.pk}/test/"
        assert client.get(url).status_code == 405
        assert "The test is on its way" in client.post(url, follow=True).content.decode()
        go()
        for who in (mia, factories.person("Dot Amari", "deputy", haven)):
            page = page_of(browse, who, endpoint)
            assert "<span>Test<br>" in page
            assert receiver.calls[0].key in page
            assert "Taken</strong>" in page
            assert "Send again" not in page
            assert "cannot see" not in page
        entry = Entry.objects.get(verb="endpoint.test")
        assert (entry.actor_id, entry.subject_name, entry.details) == (mia.pk, "Case system", {})
        assert "sent a webhook a test" in browse(mia).get("/audit/").content.decode()

    def test_pressed_twice_sends_one_and_says_so(self, browse, mia, endpoint, receiver):
        client, url = browse(mia), f"{HERE}{endpoint.pk}/test/"
        client.post(url)
        assert "less than a minute ago" in client.post(url, follow=True).content.decode()
        go()
        assert len(receiver.calls) == 1
        assert Entry.objects.filter(verb="endpoint.test").count() == 1

    def test_a_deputy_may_as_well(self, browse, haven, endpoint, receiver):
        deputy = factories.person("Dot Amari", "deputy", haven)
        browse(deputy).post(f"{HERE}{endpoint.pk}/test/")
        go()
        assert len(receiver.calls) == 1
        assert Entry.objects.get(verb="endpoint.test").actor_id == deputy.pk

    @pytest.mark.parametrize("name", ["otto", "nell", "ben", "cora", "asha", "cal", "faye", "dara", "nora", "omar"])
    def test_is_for_the_agencys_leads(self, name, browse, request, endpoint):
        """To everybody else the webhook is not there, to members of the agency neither."""
        who = request.getfixturevalue(name)
        absent = browse(who).post(f"{HERE}00000000-0000-7000-8000-000000000000/test/")
        there = browse(who).post(f"{HERE}{endpoint.pk}/test/")
        assert (there.status_code, absent.status_code) == (404, 404)
        with pytest.raises(PermissionDenied):
            actions.send_test(endpoint=endpoint, by=who)
        assert not Mailing.objects.exists()
        assert not Entry.objects.filter(verb="endpoint.test").exists()

    def test_is_offered_where_it_works_and_refused_where_it_has_ended(self, browse, mia, endpoint):
        assert "Send a test" in page_of(browse, mia, endpoint)
        actions.end(endpoint=endpoint, by=mia)
        assert "Send a test" not in page_of(browse, mia, endpoint)
        answer = browse(mia).post(f"{HERE}{endpoint.pk}/test/", follow=True)
        assert "works no longer" in answer.content.decode()
        assert not Mailing.objects.exists()

    def test_a_page_full_of_tests_costs_no_more(self, browse, mia, endpoint):
        client = browse(mia)
        trials.send(endpoint)
        with CaptureQueriesContext(connection) as one:
            client.get(f"{HERE}{endpoint.pk}/")
        for _ in range(3):
            a_minute_later()
            trials.send(endpoint)
        with CaptureQueriesContext(connection) as four:
            assert client.get(f"{HERE}{endpoint.pk}/").content.decode().count("<span>Test<br>") == 4
        assert len(one) == len(four)


class TestPressedAtOnce:
    """Many fingers on one button, each from a connection of their own."""

    @pytest.mark.django_db(transaction=True)
    def test_sends_one(self):
        if connection.vendor == "sqlite":
            pytest.skip("SQLite lets one writer in at a time by itself; this test is about PostgreSQL")
        agency = AgencyFactory(network=NetworkFactory(prefix="ONE"))
        mia = person("Mia Hughes", "lead", agency)
        endpoint, _ = actions.add(agency=agency, name="Case system", url="https://h.example/", by=fresh(mia))
        together = threading.Barrier(4)

        def press(_: int) -> bool:
            together.wait(timeout=30)
            try:
                return bool(actions.send_test(endpoint=endpoint, by=mia))
            except ValidationError:
                return False
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as threads:
            assert sorted(threads.map(press, range(4))) == [False, False, False, True]
        assert Mailing.objects.count() == 1
