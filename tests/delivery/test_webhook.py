from __future__ import annotations

import datetime as dt
import time

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from delivery import carrier, ledger, post
from delivery import hooks as inside
from delivery.actions import endpoints as actions
from delivery.channels import calls
from delivery.models import Delivery, Endpoint, Mailing, Quiet
from network.models import Membership, Signature
from tests.delivery import hooks, smtp
from tests.delivery.factories import leads, released
from tests.delivery.test_carrier import go, make_due
from tests.factories import appoint, fresh, join
from tests.servers import free_port

pytestmark = pytest.mark.django_db
PAST = dt.timedelta(seconds=1)
CANARY = "canary-in-the-text-51c9"
# To the database these are what two of them are: both engines are tried with those two.
ALIKE = [pytest.param(status, marks=pytest.mark.once) for status in (301, 307, 400, 408, 429, 500, 599)]


@pytest.fixture(autouse=True)
def mail_server(settings):
    """Email works all the while."""
    settings.WEBHOOKS_TO_LOOPBACK = True
    with smtp.running(pipelining=True) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def receiver():
    with hooks.running() as found:
        yield found


@pytest.fixture
def added(mia, haven, receiver):
    """Mia's webhook, and its secret."""
    return actions.add(agency=haven, name="Case system", url=receiver.url, by=fresh(mia))


def told() -> Delivery:
    return Delivery.objects.get(channel="webhook")


class TestSend:
    def test_tells_the_owners_system_what_the_owner_is_sent_signed_and_only_theirs(
        self, durham, mia, otto, added, receiver, mail_server
    ):
        sent = released(durham)
        go()
        (call,) = receiver.calls
        assert call.is_signed_with(added[1])
        assert Verifier(added[1]).verify(call.body, call.headers) == call.told
        assert call.told == {
            "type": "alert.released",
            "timestamp": sent.released_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "data": {
                "network": "Durham and Darlington Anti-Slavery Network",
                "reference": "DUR-2026-0042",
                "kind": "alert",
                "marking": "OFFICIAL",
                "urgency": "immediate",
                "url": "http://127.0.0.1:8000/alerts/DUR-2026-0042/",
                "subject": sent.subject,
                "text": sent.text,
            },
        }
        assert told().recipient.person == mia
        assert (told().state, told().attempts, told().possible_repeat) == ("sent", 1, False)
        assert len(mail_server.accepted) == 2

    def test_gives_nothing_of_a_text_away_that_stays_inside(self, durham, mia, added, receiver):
        released(durham, marking="OFFICIAL-SENSITIVE", withheld=True, subject=CANARY, text=CANARY)
        go()
        (call,) = receiver.calls
        assert CANARY not in str(call)
        assert "OFFICIAL-SENSITIVE" in call.told["data"]["marking"]
        assert "text" not in call.told["data"]

    @pytest.mark.parametrize(("kind", "type_"), [("alert", "alert.released"), ("training", "training.announced")])
    def test_tells_of_alerts_and_training(self, kind, type_, durham, added, receiver):
        released(durham, kind=kind)
        go()
        assert [call.told["type"] for call in receiver.calls] == [type_]

    @pytest.mark.parametrize("kind", ["notice", "digest"])
    def test_tells_of_nothing_else(self, kind, durham, added):
        released(durham, kind=kind)
        assert not Delivery.objects.filter(channel="webhook").exists()

    def test_heeds_no_night_of_its_owner(self, durham, mia, added, receiver):
        clock = timezone.localtime()
        begins, ends = (clock - dt.timedelta(hours=1)).time(), (clock + dt.timedelta(hours=1)).time()
        Quiet.objects.create(person=mia, begins=begins, ends=ends)
        released(durham, urgency="priority")
        go()
        assert Delivery.objects.get(channel="email", recipient__person=mia).state == "queued"
        assert (told().state, len(receiver.calls)) == ("sent", 1)

    def test_asks_the_same_for_many_as_for_few(self, durham, settings, receiver):
        def told_of(count: int) -> int:
            for person in leads(durham, count):
                agency = person.appointments.get().agency
                actions.add(agency=agency, name="System", url=receiver.url, by=fresh(person))
            released(durham)
            with CaptureQueriesContext(connection) as asked:
                go()
            return len(asked)

        told_of(1)  # what is asked once only
        few, many = told_of(2), told_of(9)
        assert len(receiver.calls) == 1 + 3 + 12
        assert few == many

    def test_a_slow_system_does_not_hold_up_the_others(self, durham, mia, added, receiver, monkeypatch):
        monkeypatch.setattr(calls, "WHOLE", 1.0)
        others = leads(durham, 5)
        receiver.answers = [30.0]
        with hooks.running() as quick:
            for person in others:
                actions.add(agency=person.appointments.get().agency, name="System", url=quick.url, by=fresh(person))
            released(durham)
            began = time.monotonic()
            go()
            assert time.monotonic() - began < 4
            assert len(quick.calls) == 5
        assert Delivery.objects.get(channel="webhook", recipient__person=mia).state == "unsure"


class TestAnswers:
    @pytest.mark.parametrize("status", [404, 503, *ALIKE])
    def test_whatever_may_be_mended_is_tried_again_with_the_same_id_and_body(self, status, durham, added, receiver):
        receiver.answers = [status, status, 204]
        released(durham)
        go()
        assert (told().state, told().attempts) == ("queued", 1)
        assert told().detail.startswith(str(status))
        go()
        assert len(receiver.calls) == 1  # not before its time
        for _ in range(2):
            make_due()
            go()
        assert (told().state, told().attempts, told().possible_repeat) == ("sent", 3, False)
        assert {call.key for call in receiver.calls} == {receiver.calls[0].key}
        assert {call.body for call in receiver.calls} == {receiver.calls[0].body}
        assert all(call.is_signed_with(added[1]) for call in receiver.calls)

    def test_is_tried_until_the_deadline_and_keeps_the_last_answer(self, durham, added, receiver):
        receiver.answers = [500]
        released(durham)
        go()
        Mailing.objects.update(deadline_at=Now() - PAST)
        make_due()
        go()
        assert (told().state, told().detail) == ("failed", "500 Internal Server Error")
        assert len(receiver.calls) == 1

    def test_gone_is_for_good_and_nobody_else_hears_of_it(self, durham, otto, added, receiver):
        receiver.answers = [410]
        released(durham)
        go()
        assert (told().state, told().detail) == ("failed", "410 Gone")
        make_due()
        go()
        assert len(receiver.calls) == 1
        assert not Delivery.objects.exclude(channel__in=["webhook", "email"]).exists()
        assert set(Delivery.objects.filter(channel="email").values_list("state", flat=True)) == {"sent"}

    def test_keeps_no_word_of_the_other_side(self, durham, added, receiver):
        receiver.answers = [500]
        released(durham)
        go()
        assert hooks.CANARY not in told().detail

    def test_one_who_hangs_up_may_have_it_and_gets_it_again_with_the_same_id(self, durham, added, receiver):
        receiver.answers = [hooks.HANG_UP, 200]
        released(durham)
        go()
        assert (told().state, told().detail) == ("unsure", "It hung up without an answer.")
        make_due()
        go()
        assert (told().state, told().possible_repeat) == ("sent", True)
        assert receiver.calls[0].key == receiver.calls[1].key

    def test_nobody_there_is_tried_again(self, durham, added):
        Endpoint.objects.update(url=f"http://127.0.0.1:{free_port()}/")
        released(durham)
        go()
        assert (told().state, told().detail) == ("queued", "Nothing answers at that address.")

    def test_what_is_no_longer_a_public_address_is_not_called(self, durham, added, receiver, settings):
        released(durham)
        settings.WEBHOOKS_TO_LOOPBACK = False
        go()
        assert told().state == "queued"
        assert not receiver.connections

    def test_without_the_key_of_its_secret_it_waits(self, durham, added, receiver, settings):
        released(durham)
        settings.SEALING_KEYS = ["x" * 50]
        go()
        assert (told().state, receiver.calls) == ("queued", [])
        assert "sealing key" in told().detail


class TestFences:
    def test_a_process_that_wakes_late_changes_nothing(self, durham, added, receiver):
        released(durham)
        ticket = next(found for found in carrier.dispatch() if found.way == "webhook")
        held = ledger.take(ticket.fence)
        ledger.begin(held.fence, held.items)
        Delivery.objects.filter(channel="webhook").update(lease_until=Now() - PAST)
        ledger.sweep()
        go()
        assert told().state == "sent"
        late = [carrier.Outcome(item.delivery, carrier.Result.REFUSED, "too late") for item in held.items]
        assert ledger.record(held.fence, late) == 0
        assert (told().state, told().possible_repeat) == ("sent", True)

    @pytest.mark.parametrize("loss", ["ended", "lead", "person", "membership", "withdrawn", "expired"])
    def test_nothing_is_told_after_the_right_to_it_was_lost(self, loss, durham, haven, mia, added, receiver):
        sent = released(durham)
        if loss == "ended":
            actions.end(endpoint=added[0], by=mia)
        if loss == "lead":
            appoint(mia, "member", haven)
            mia.appointments.filter(role="lead").update(until_at=Now() - PAST)
        if loss == "person":
            type(mia).objects.filter(pk=mia.pk).update(is_active=False, closed_at=Now())
        if loss == "membership":
            Membership.objects.filter(agency=haven).update(suspended_at=Now() - PAST)
        if loss == "withdrawn":
            post.withdraw(sent)
        if loss == "expired":
            Mailing.objects.update(expires_at=Now() - PAST)
        go()
        assert not receiver.calls
        assert told().state in {"suppressed", "withdrawn", "expired", "failed"}
        assert told().detail

    @pytest.mark.parametrize("loss", ["signature", "suspension"])
    def test_nothing_is_told_of_a_network_in_which_the_right_was_lost_while_another_goes_on(
        self, loss, durham, riverside, haven, mia, added, receiver
    ):
        """The webhook itself works: the agency is a live member elsewhere, and has signed there."""
        join(haven, riverside)
        released(durham, marking="OFFICIAL-SENSITIVE", withheld=True)
        if loss == "signature":
            Signature.objects.filter(agency=haven, agreement__network=durham).delete()
        if loss == "suspension":
            Membership.objects.filter(agency=haven, network=durham).update(suspended_at=Now() - PAST)
        assert Endpoint.objects.live().exists()
        go()
        assert not receiver.calls
        assert told().state == "suppressed"

    def test_what_ends_between_the_lease_and_the_call_is_not_called(self, durham, mia, added, receiver):
        released(durham)
        tickets = carrier.dispatch()
        Endpoint.objects.update(ended_at=Now())
        for ticket in tickets:
            carrier.deliver(ticket.fence)
        assert not receiver.calls

    def test_somebody_without_a_webhook_for_that_agency_is_not_told_there(self, durham, mia, harbour, haven, receiver):
        appoint(mia, "deputy", harbour)
        actions.add(agency=harbour, name="Other system", url=receiver.url, by=fresh(mia))
        mia.appointments.filter(agency=harbour).update(until_at=Now() - PAST)
        released(durham)
        assert not Delivery.objects.filter(channel="webhook").exists()


class TestSealAgain:
    def test_opens_with_the_new_key_alone_afterwards(self, durham, added, receiver, settings):
        old = settings.SEALING_KEYS
        settings.SEALING_KEYS = ["n" * 50, *old]
        assert inside.seal_again() == 1
        settings.SEALING_KEYS = ["n" * 50]
        released(durham)
        go()
        assert receiver.calls[0].is_signed_with(added[1])
