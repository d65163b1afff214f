from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from delivery import carrier, ledger, post
from delivery.channels import letter
from delivery.models import Delivery, Mailing
from network.models import Membership
from tests.delivery.factories import audience, leads, released
from tests.delivery.smtp import DROP, KEEP_AND_DROP
from tests.factories import lapse
from tests.servers import free_port

PAST = dt.timedelta(seconds=1)


def go() -> None:
    """Ring every bell until nothing is left to ring for, as the workers do."""
    tickets = carrier.dispatch()
    while tickets:
        following = carrier.deliver(tickets.pop(0).fence)
        if following:
            tickets.append(following)


def of(person) -> Delivery:
    return Delivery.objects.get(recipient__person=person)


def state(person) -> str:
    return of(person).state


def make_due() -> None:
    """As if the wait were over."""
    Delivery.objects.update(due_at=Now() - PAST)


class TestDeliver:
    def test_reaches_everyone_once_each_in_an_envelope_of_their_own(self, durham, mia, otto, nell, mail_server):
        sent = released(durham)
        go()
        assert sorted(mail_server.addresses) == ["mia@lantern.example", "otto@lantern.example"]
        for address, message in mail_server.accepted:
            assert message["To"] == address
        assert state(mia) == state(otto) == "sent"
        assert post.progress(sent).finished
        assert of(mia).finished_at
        assert not of(mia).possible_repeat

    def test_e80_goes_to_the_address_that_somebody_has_when_it_leaves(self, durham, mia, mail_server):
        released(durham)
        User.objects.filter(pk=mia.pk).update(email="mia@moved.example")
        go()
        assert mail_server.addresses == ["mia@moved.example"]

    def test_e80_goes_to_it_again_when_it_changed_between_two_tries(self, durham, mia, mail_server):
        mail_server.at_rcpt["mia@lantern.example"] = "450 4.2.1 Later"
        released(durham)
        go()
        User.objects.filter(pk=mia.pk).update(email="mia@moved.example")
        make_due()
        go()
        assert mail_server.addresses == ["mia@moved.example"]

    def test_uses_one_connection_for_a_chunk(self, durham, mail_server):
        leads(durham, ledger.FIRST + 30)
        released(durham)
        go()
        assert len(mail_server.accepted) == ledger.FIRST + 30
        assert mail_server.connections == 2  # the small first lease, and the rest

    def test_carries_several_mailings_on_one_line_each_with_its_own_text(self, durham, mia, otto, mail_server):
        released(durham, subject="First")
        released(durham, subject="Second")
        go()
        said = sorted((address, message["Subject"]) for address, message in mail_server.accepted)
        assert said == [
            ("mia@lantern.example", "OFFICIAL: First"),
            ("mia@lantern.example", "OFFICIAL: Second"),
            ("otto@lantern.example", "OFFICIAL: First"),
            ("otto@lantern.example", "OFFICIAL: Second"),
        ]
        assert mail_server.connections == 1

    def test_a_ticket_is_good_once(self, durham, mia, mail_server):
        released(durham)
        (ticket,) = carrier.dispatch()
        carrier.deliver(ticket.fence)
        carrier.deliver(ticket.fence)
        assert len(mail_server.accepted) == 1

    def test_two_who_take_the_same_ticket_at_once_get_the_rows_once(self, durham, mia):
        released(durham)
        (ticket,) = carrier.dispatch()
        assert len(ledger.take(ticket.fence).items) == 1
        assert ledger.take(ticket.fence).items == []

    def test_takes_constant_queries_a_batch(self, durham, mail_server):
        carrier.dispatch()  # the first of all writes the gate's row
        leads(durham, 3)
        released(durham)
        with CaptureQueriesContext(connection) as few:
            go()
        leads(durham, 20)
        released(durham)
        with CaptureQueriesContext(connection) as many:
            go()
        assert len(mail_server.accepted) == 3 + 23
        assert len(few) == len(many)

    def test_gives_nothing_of_a_sensitive_text_away(self, durham, mia, mail_server):
        canary = "canary-51c9"
        released(durham, marking="OFFICIAL-SENSITIVE", withheld=True, subject=canary, text=f"At {canary}")
        go()
        (_, message) = mail_server.accepted[0]
        assert canary not in message.as_string()
        assert "OFFICIAL-SENSITIVE" in message["Subject"]


class TestRefusals:
    def test_one_refusal_for_good_touches_nobody_else(self, durham, mia, otto, mail_server):
        mail_server.at_rcpt["mia@lantern.example"] = "550 No such mailbox"
        released(durham)
        go()
        assert (of(mia).state, of(mia).detail) == ("failed", "550 No such mailbox")
        assert state(otto) == "sent"

    def test_a_body_refused_for_good_fails(self, durham, mia, otto, mail_server):
        mail_server.at_data["mia@lantern.example"] = "552 Too big"
        released(durham)
        go()
        assert (state(mia), state(otto)) == ("failed", "sent")

    @pytest.mark.parametrize("answer", ["450 Busy", "451 Error", "452 Full"])
    @pytest.mark.parametrize("moment", ["at_rcpt", "at_data"])
    def test_a_refusal_for_now_is_tried_again_later_with_the_same_message_id(
        self, durham, mia, otto, mail_server, answer, moment
    ):
        getattr(mail_server, moment)["mia@lantern.example"] = answer
        released(durham)
        go()
        row = of(mia)
        assert (row.state, row.attempts, row.detail, row.possible_repeat) == ("queued", 1, answer, False)
        assert state(otto) == "sent"
        assert not Delivery.objects.filter(pk=row.pk, due_at__lt=Now() + dt.timedelta(seconds=7)).exists()
        assert not Delivery.objects.filter(pk=row.pk, due_at__gt=Now() + dt.timedelta(seconds=13)).exists()
        getattr(mail_server, moment).clear()
        go()
        assert state(mia) == "queued"  # not before its time
        make_due()
        go()
        assert state(mia) == "sent"
        assert len(set(mail_server.addresses)) == len(mail_server.addresses) == 2

    def test_waits_longer_each_time_until_the_deadline_and_then_fails_with_the_last_words(
        self, durham, mia, mail_server
    ):
        mail_server.at_rcpt["mia@lantern.example"] = "451 Try later"
        released(durham)
        for wait in (10, 30, 60, 120, 300, 600, 900, 900, 900):
            go()
            assert 0.75 * wait < (of(mia).due_at - timezone.now()).total_seconds() < 1.25 * wait
            make_due()
        assert of(mia).attempts == 9
        Mailing.objects.update(deadline_at=Now() - PAST)
        go()
        assert (of(mia).state, of(mia).detail, of(mia).attempts) == ("failed", "451 Try later", 9)

    def test_a_refused_sender_is_something_to_mend_not_a_reason_to_give_up(self, durham, mia, mail_server):
        mail_server.at_sender = "550 Not you"
        released(durham)
        go()
        assert state(mia) == "queued"

    def test_an_address_that_may_not_be_written_fails_alone(self, durham, mia, otto, mail_server):
        User.objects.filter(pk=mia.pk).update(email="mia@lantern.example\r\nRCPT TO:<x@y.example>")
        released(durham)
        go()
        assert (state(mia), state(otto)) == ("failed", "sent")
        assert mail_server.addresses == ["otto@lantern.example"]

    def test_a_message_that_cannot_be_made_is_seen_and_tried_again(self, durham, mia, otto, mail_server, monkeypatch):
        def broken(mailing, kind, **personal):
            raise LookupError

        monkeypatch.setattr(letter, "render", broken)
        released(durham)
        go()
        assert "LookupError" in of(mia).detail
        monkeypatch.undo()
        make_due()
        go()
        assert state(mia) == state(otto) == "sent"


class TestLostLines:
    def test_a_server_that_is_down_delays_and_loses_nobody(self, durham, mia, otto, settings):
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
        released(durham)
        go()
        assert (state(mia), of(mia).attempts) == ("queued", 1)
        assert "could not be reached" in of(mia).detail
        assert not Delivery.objects.filter(due_at__lte=Now()).exists()

    def test_never_falls_back_to_plain_text_when_tls_is_asked_for(self, durham, mia, mail_server, settings):
        settings.EMAIL_USE_TLS = True
        released(durham)
        go()
        assert (state(mia), mail_server.accepted) == ("queued", [])

    @pytest.mark.parametrize("what", [DROP, KEEP_AND_DROP])
    def test_a_line_lost_after_the_body_leaves_that_one_unsure_and_says_so_when_it_is_sent_again(
        self, durham, mia, otto, mail_server, what
    ):
        mail_server.at_data["mia@lantern.example"] = what
        released(durham)
        go()
        assert state(mia) == "unsure"
        assert state(otto) == "sent"
        mail_server.at_data.clear()
        make_due()
        go()
        assert (of(mia).state, of(mia).possible_repeat) == ("sent", True)
        assert not of(otto).possible_repeat
        ids = [message["Message-ID"] for address, message in mail_server.accepted if address == "mia@lantern.example"]
        assert len(ids) == (2 if what == KEEP_AND_DROP else 1)
        assert len(set(ids)) == 1

    def test_a_server_that_takes_a_few_a_connection_still_gets_them_all(self, durham, mail_server):
        leads(durham, 12)
        mail_server.most_a_connection = 5
        released(durham)
        for _ in range(4):
            go()
            make_due()
        assert len(mail_server.addresses) == len(set(mail_server.addresses)) == 12
        assert not Delivery.objects.filter(possible_repeat=True).exists()

    def test_an_address_that_makes_the_server_hang_up_does_not_hold_up_the_others(self, durham, mia, otto, mail_server):
        mail_server.at_rcpt["mia@lantern.example"] = "421 I am leaving"
        released(durham)
        for _ in range(2):
            go()
            make_due()
        assert (state(mia), state(otto)) == ("queued", "sent")

    def test_a_server_that_takes_nothing_is_left_alone_for_a_while(self, durham, mail_server):
        leads(durham, 12)
        mail_server.most_a_connection = 0
        released(durham)
        go()
        assert mail_server.connections == 1
        assert not Delivery.objects.filter(due_at__lte=Now()).exists()


class TestEntitlement:
    @pytest.mark.parametrize("loss", ["person", "appointment", "membership"])
    def test_who_lost_access_after_release_is_not_sent_to(self, durham, mia, otto, haven, mail_server, loss):
        released(durham)
        if loss == "person":
            User.objects.filter(pk=mia.pk).update(is_active=False, closed_at=Now())
        if loss == "appointment":
            mia.appointments.update(until_at=Now() - PAST)
        if loss == "membership":
            Membership.objects.filter(agency=haven).update(suspended_at=Now() - PAST)
        go()
        assert mail_server.addresses == ["otto@lantern.example"]
        assert (of(mia).state, of(mia).detail) == (
            "suppressed",
            "No longer appointed, no longer in the network, or its agreement not signed.",
        )

    def test_whose_agreement_lapsed_is_not_sent_what_stays_behind_sign_in(self, durham, mia, otto, haven, mail_server):
        released(durham, withheld=True, marking="OFFICIAL TLP:AMBER")
        lapse(haven)
        go()
        assert mail_server.addresses == ["otto@lantern.example"]
        assert state(mia) == "suppressed"

    def test_whose_agreement_lapsed_is_sent_what_is_open(self, durham, mia, haven, mail_server):
        released(durham)
        lapse(haven)
        go()
        assert state(mia) == "sent"

    def test_who_lost_access_while_the_lease_was_held_is_not_sent_to(self, durham, mia, mail_server):
        released(durham)
        (ticket,) = carrier.dispatch()
        mia.appointments.update(until_at=Now() - PAST)
        carrier.deliver(ticket.fence)
        assert (state(mia), mail_server.accepted) == ("suppressed", [])

    def test_what_has_expired_is_not_sent(self, durham, mia, mail_server):
        sent = released(durham)
        Mailing.objects.filter(pk=sent.pk).update(expires_at=Now() - PAST)
        go()
        assert (state(mia), mail_server.accepted) == ("expired", [])

    def test_what_was_withdrawn_is_not_sent_even_when_its_lease_was_out(self, durham, mia, mail_server):
        sent = released(durham)
        (ticket,) = carrier.dispatch()
        post.withdraw(sent)
        carrier.deliver(ticket.fence)
        go()
        assert (state(mia), mail_server.accepted) == ("withdrawn", [])

    def test_a_withdrawal_between_taking_and_beginning_is_heeded(self, durham, mia):
        sent = released(durham)
        (ticket,) = carrier.dispatch()
        mine, _, items = ledger.take(ticket.fence)
        post.withdraw(sent)
        assert ledger.begin(mine, items) == []


class TestDispatch:
    def test_leases_a_small_first_slice_and_then_chunks(self, durham, monkeypatch):
        monkeypatch.setattr(ledger, "FIRST", 2)
        monkeypatch.setattr(ledger, "CHUNK", 3)
        leads(durham, 7)
        released(durham)
        tickets = carrier.dispatch()
        sizes = [Delivery.objects.filter(fence=ticket.fence).count() for ticket in tickets]
        assert sizes == [2, 3, 2]

    def test_leases_no_more_than_a_window_ahead(self, durham, monkeypatch, mail_server):
        monkeypatch.setattr(ledger, "FIRST", 1)
        monkeypatch.setattr(ledger, "CHUNK", 1)
        leads(durham, carrier.WINDOW + 4)
        released(durham)
        assert len(carrier.dispatch()) == carrier.WINDOW
        assert carrier.dispatch() == []
        Delivery.objects.update(lease_until=None, fence=None)
        go()
        assert len(mail_server.accepted) == carrier.WINDOW + 4

    def test_takes_immediate_messages_first(self, durham, mia):
        for urgency in ("routine", "priority", "immediate"):
            released(durham, urgency=urgency)
        assert [ticket.urgency for ticket in carrier.dispatch()] == ["immediate", "priority", "routine"]

    def test_makes_good_a_lost_bell_when_its_lease_ends(self, durham, mia, mail_server):
        released(durham)
        carrier.dispatch()  # and nobody answers
        assert carrier.dispatch() == []
        Delivery.objects.update(lease_until=F("lease_until") - 2 * ledger.WAITING_LEASE)
        go()
        assert state(mia) == "sent"
        assert not of(mia).possible_repeat

    def test_frees_what_a_dead_process_was_sending_and_marks_it_as_a_possible_repeat(self, durham, mia, mail_server):
        released(durham)
        (ticket,) = carrier.dispatch()
        mine, _, items = ledger.take(ticket.fence)
        ledger.begin(mine, items)
        go()
        assert state(mia) == "sending"  # its lease still holds
        Delivery.objects.update(lease_until=Now() - PAST)
        go()
        assert (of(mia).state, of(mia).possible_repeat, of(mia).attempts) == ("sent", True, 2)


class TestFences:
    def test_one_that_wakes_late_cannot_overwrite_newer_truth(self, durham, mia, mail_server):
        released(durham)
        (ticket,) = carrier.dispatch()
        late, _, items = ledger.take(ticket.fence)
        ledger.begin(late, items)
        Delivery.objects.update(lease_until=Now() - PAST)
        go()
        assert state(mia) == "sent"
        outcome = carrier.Outcome(items[0].delivery, carrier.Result.REFUSED, "late")
        assert ledger.record(late, [outcome]) == 0
        assert ledger.begin(late, items) == []
        assert ledger.renew(late) == 0
        ledger.let_go(late, problem="late")
        assert (of(mia).state, of(mia).detail) == ("sent", "")

    def test_an_outcome_says_nothing_about_a_row_that_was_not_begun(self, durham, mia):
        released(durham)
        (ticket,) = carrier.dispatch()
        mine, _, items = ledger.take(ticket.fence)
        assert ledger.record(mine, [carrier.Outcome(items[0].delivery, carrier.Result.ACCEPTED)]) == 0
        assert state(mia) == "queued"

    def test_writes_outcomes_down_in_the_middle_of_a_slow_batch(self, durham, mia, otto, mail_server, monkeypatch):
        monkeypatch.setattr(carrier, "PATIENCE", -1.0)
        released(durham, audience(durham))
        with CaptureQueriesContext(connection) as queries:
            go()
        assert sum("'sent'" in query["sql"] and query["sql"].startswith("UPDATE") for query in queries) == 2
        assert state(mia) == state(otto) == "sent"
