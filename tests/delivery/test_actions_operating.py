from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models.functions import Now

from accounts.factors import FreshFactorNeeded
from audit.models import Entry
from delivery import gate, operating, promise, running
from delivery.actions import operating as actions
from delivery.models import Delivery, Gate, Mailing
from tests.delivery.factories import released
from tests.delivery.test_carrier import go
from tests.factories import fresh

pytestmark = pytest.mark.django_db
NOBODY_ELSE = ("cora", "asha", "mia", "ben", "otto", "nell", "cal", "faye", "dara", "nora", "anonymous")


@pytest.fixture
def the_gate() -> Gate:
    return running.the_gate()


@pytest.fixture
def failed(durham, mia, otto) -> Mailing:
    """A mailing of which both messages failed: one refused, one for want of an answer."""
    mailing = released(durham)
    Delivery.objects.update(state="failed", attempts=3, finished_at=Now(), detail="550 5.1.1 user unknown")
    Delivery.objects.filter(recipient__person=otto).update(detail="The server could not be reached.")
    return mailing


class TestEachOfThem:
    @pytest.mark.parametrize("name", NOBODY_ELSE)
    @pytest.mark.parametrize("verb", ["hold", "resume", "retry", "send_test"])
    def test_is_for_operators_only(self, request, the_gate, name, verb):
        who = request.getfixturevalue(name)
        told = {"reason": "Why"} if verb == "hold" else {}
        with pytest.raises(PermissionDenied):
            getattr(actions, verb)(gate=the_gate, by=who, **told)
        assert not Entry.objects.filter(verb__startswith="post.").exists()


class TestHold:
    def test_closes_the_gate_and_says_who_and_why(self, the_gate, omar):
        held = actions.hold(gate=the_gate, reason=" Wrong links ", by=omar)
        assert (held.held_by, held.reason) == (omar, "Wrong links")
        assert not gate.is_open()
        assert Entry.objects.get(verb="post.hold").actor_id == omar.pk

    def test_keeps_who_held_it_first(self, the_gate, omar):
        actions.hold(gate=the_gate, reason="First", by=omar)
        with pytest.raises(ValidationError, match="held already"):
            actions.hold(gate=the_gate, reason="Second", by=omar)
        assert Gate.objects.get().reason == "First"

    def test_does_not_write_over_a_restore_that_nobody_had_noticed(self, the_gate, omar):
        Gate.objects.update(database="another")
        assert actions.hold(gate=the_gate, reason="Why", by=omar).reason == gate.RESTORED

    def test_needs_a_reason(self, the_gate, omar):
        with pytest.raises(ValidationError, match="Say why"):
            actions.hold(gate=the_gate, reason="  ", by=omar)


class TestResume:
    def test_needs_a_factor_given_just_now(self, the_gate, omar):
        gate.close("Wait", omar)
        with pytest.raises(FreshFactorNeeded):
            actions.resume(gate=the_gate, by=omar)
        assert not gate.is_open()

    def test_lets_what_waited_go(self, durham, mia, the_gate, omar, mail_server):
        actions.hold(gate=the_gate, reason="Wait", by=omar)
        released(durham)
        go()
        assert mail_server.accepted == []
        actions.resume(gate=the_gate, by=fresh(omar))
        go()
        assert mail_server.addresses == ["mia@lantern.example"]
        assert Entry.objects.get(verb="post.resume").details == {"withdrawn": 0}

    def test_lets_nothing_go_from_a_database_that_changed_while_it_was_held(self, the_gate, omar):
        gate.close("Before the backup", omar)
        Gate.objects.update(database="another")
        actions.resume(gate=the_gate, by=fresh(omar))
        assert not gate.is_open()
        assert Gate.objects.get().reason == gate.RESTORED

    def test_says_when_nothing_is_held(self, the_gate, omar):
        with pytest.raises(ValidationError, match="Nothing is held"):
            actions.resume(gate=the_gate, by=fresh(omar))

    def test_after_a_restore_withdraws_what_was_chosen_and_sends_the_rest(
        self, durham, mia, the_gate, omar, mail_server
    ):
        sent, not_sent = released(durham), released(durham, reference="DUR-2026-0043", subject="Later")
        Mailing.objects.update(released_at=Now() - dt.timedelta(minutes=5))
        gate.close(gate.RESTORED)
        actions.resume(gate=the_gate, withdraw=[sent.pk], by=fresh(omar))
        go()
        assert [message["Subject"] for _, message in mail_server.accepted] == ["OFFICIAL: Later"]
        row = Delivery.objects.get(mailing=sent.pk)
        assert (row.state, row.detail) == ("withdrawn", running.MAYBE_SENT)
        sent.refresh_from_db()
        assert sent.withdrawn_at is None, "in the platform it stays"
        assert Delivery.objects.get(mailing=not_sent.pk).state == "sent"
        assert Entry.objects.get(verb="post.resume").details == {"withdrawn": 1}

    def test_withdraws_nothing_after_an_ordinary_hold(self, durham, mia, the_gate, omar):
        mailing = released(durham)
        gate.close("Wait", omar)
        with pytest.raises(ValidationError, match="Choose only"):
            actions.resume(gate=the_gate, withdraw=[mailing.pk], by=fresh(omar))
        assert Delivery.objects.get().state == "queued"
        assert not gate.is_open()


class TestRetry:
    def test_owes_again_what_failed_and_sends_it(self, failed, the_gate, omar, mail_server):
        assert actions.retry(gate=the_gate, mailing=failed.pk, by=omar) == (2, 1)
        go()
        assert sorted(mail_server.addresses) == ["mia@lantern.example", "otto@lantern.example"]
        entry = Entry.objects.get(verb="post.retry")
        assert entry.details == {"messages": 2, "mailings": 1}

    def test_says_may_repeat_of_what_was_not_refused_in_so_many_words(self, failed, the_gate, mia, otto, omar):
        actions.retry(gate=the_gate, by=omar)
        repeats = dict(Delivery.objects.values_list("recipient__person", "possible_repeat"))
        assert repeats == {mia.pk: False, otto.pk: True}

    def test_gives_a_new_deadline_of_the_same_patience(self, failed, the_gate, omar, mail_server):
        Mailing.objects.update(deadline_at=Now() - dt.timedelta(hours=1))
        actions.retry(gate=the_gate, by=omar)
        go()
        assert len(mail_server.accepted) == 2

    def test_never_shortens_a_deadline(self, failed, the_gate, omar):
        Mailing.objects.update(deadline_at=Now() + dt.timedelta(days=9))
        before = Mailing.objects.get().deadline_at
        actions.retry(gate=the_gate, by=omar)
        assert Mailing.objects.get().deadline_at == before

    @pytest.mark.parametrize("end", ["withdrawn_at", "expires_at"])
    def test_leaves_what_is_over(self, failed, the_gate, omar, end):
        Mailing.objects.update(**{end: Now() - dt.timedelta(minutes=1)})
        with pytest.raises(ValidationError, match="Nothing that failed"):
            actions.retry(gate=the_gate, mailing=failed.pk, by=omar)
        assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}

    def test_leaves_what_failed_long_ago_unless_it_is_named(self, failed, the_gate, omar):
        Delivery.objects.update(finished_at=Now() - dt.timedelta(days=2))
        with pytest.raises(ValidationError, match="Nothing that failed"):
            actions.retry(gate=the_gate, by=omar)
        assert actions.retry(gate=the_gate, mailing=failed.pk, by=omar).messages == 2

    @pytest.mark.parametrize("state", ["sent", "delivered", "bounced", "suppressed", "expired", "withdrawn", "sending"])
    def test_touches_nothing_that_did_not_fail(self, failed, the_gate, mia, omar, state):
        Delivery.objects.filter(recipient__person=mia).update(state=state)
        assert actions.retry(gate=the_gate, by=omar).messages == 1
        assert Delivery.objects.get(recipient__person=mia).state == state


class TestSendTest:
    def test_goes_to_the_operator_through_the_whole_engine(self, durham, the_gate, omar, mail_server):
        sent = actions.send_test(gate=the_gate, by=omar)
        go()
        [(address, message)] = mail_server.accepted
        assert address == "omar@lantern.example"
        assert message["Subject"] == "OFFICIAL: Test of messages"
        [row] = running.test_of(omar, sent.pk)
        assert (row.state, row.channel) == ("sent", "email")
        assert Entry.objects.get(verb="post.test").actor_id == omar.pk

    def test_waits_while_everything_is_held(self, durham, the_gate, omar, mail_server):
        gate.close("Wait", omar)
        actions.send_test(gate=the_gate, by=omar)
        go()
        assert mail_server.accepted == []

    def test_is_nobody_elses_to_look_at(self, durham, the_gate, omar, cora):
        sent = actions.send_test(gate=the_gate, by=omar)
        assert running.test_of(cora, sent.pk) == []

    def test_needs_a_network(self, the_gate, omar):
        with pytest.raises(ValidationError, match="Set up a network"):
            actions.send_test(gate=the_gate, by=omar)

    def test_is_not_in_the_measure_of_the_network(self, durham, the_gate, omar, mail_server):
        actions.send_test(gate=the_gate, by=omar)
        go()
        assert operating.rates()[0].minute == 1
        assert promise.measured(durham.pk) == []
