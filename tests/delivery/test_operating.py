from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from delivery import breakers, gate, ledger, operating, post
from delivery.channels import channel
from delivery.models import Breaker, Delivery
from tests.delivery.factories import audience, leads, released

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def people(durham) -> None:
    """Six of them."""
    leads(durham, 6)


@pytest.fixture
def rows(durham, people) -> list[Delivery]:
    """Six deliveries of one mailing, all due."""
    released(durham)
    return list(Delivery.objects.order_by("pk"))


def change(row: Delivery, **values) -> None:
    Delivery.objects.filter(pk=row.pk).update(**values)


class TestOwed:
    def test_counts_each_state_by_channel_and_urgency(self, rows):
        change(rows[0], due_at=Now() + HOUR)
        change(rows[1], state="sending", attempts=1, lease_until=Now() + MINUTE)
        change(rows[2], state="unsure", attempts=1)
        change(rows[3], state="sent", sent_at=Now())
        [found] = operating.owed()
        assert (found.channel, found.urgency) == ("Email", "Immediate")
        assert (found.queued, found.waiting, found.sending, found.unsure, found.total) == (2, 1, 1, 1, 5)

    def test_is_empty_when_everything_is_done(self, rows):
        Delivery.objects.update(state="sent", sent_at=Now())
        assert operating.owed() == []
        assert operating.account().oldest is None

    def test_says_stuck_of_what_the_ledger_does(self, rows):
        for row in rows[:3]:
            change(row, due_at=Now() - 2 * MINUTE)
        change(rows[1], lease_until=Now() + MINUTE)
        change(rows[2], state="sending", lease_until=Now() + MINUTE)
        [found] = operating.owed()
        assert found.stuck == ledger.stuck() == 1

    def test_says_how_long_the_oldest_was_owed_since_its_release_once_it_was_tried(self, durham, rows):
        mailing = rows[0].mailing
        type(mailing).objects.update(released_at=Now() - 3 * HOUR)
        Delivery.objects.update(due_at=Now() - MINUTE)
        [never_tried] = operating.owed()
        assert MINUTE <= never_tried.oldest < 2 * MINUTE
        change(rows[0], attempts=2, due_at=Now() + MINUTE)
        [tried] = operating.owed()
        assert 3 * HOUR <= tried.oldest < 3 * HOUR + MINUTE

    def test_does_not_count_what_somebody_wanted_later_as_old(self, rows):
        Delivery.objects.update(due_at=Now() + HOUR)
        assert operating.owed()[0].oldest is None

    def test_puts_what_cannot_wait_first(self, durham, people):
        for urgency in ("routine", "immediate", "priority"):
            released(durham, urgency=urgency)
        assert [row.pace for row in operating.owed()] == ["immediate", "priority", "routine"]


class TestRates:
    def test_count_what_the_next_server_took_lately(self, rows):
        for row, ago in zip(rows, (0 * MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR), strict=False):
            change(row, state="sent", sent_at=Now() - ago)
        assert operating.rates() == [("Email", 1, 2, 3)]


class TestFailed:
    def test_groups_reasons_without_addresses(self, rows):
        for row, who in zip(rows[:3], ("mia", "otto", "ben"), strict=True):
            detail = f"550 5.1.1 <{who}@haven.example>: user unknown"
            change(row, state="failed", detail=detail, finished_at=Now() - HOUR)
        change(rows[3], state="bounced", detail="552 mailbox full", finished_at=Now() - 3 * DAY)
        change(rows[4], state="failed", detail="Very old", finished_at=Now() - 8 * DAY)
        assert operating.failed() == [
            ("Email", "550 5.1.1 user unknown", 3, 3),
            ("Email", "552 mailbox full", 0, 1),
        ]

    def test_counts_what_has_too_many_wordings_all_the_same(self, rows, monkeypatch):
        monkeypatch.setattr(operating, "MOST_WORDINGS", 1)
        for row in rows[:2]:
            change(row, state="failed", detail="550 user unknown", finished_at=Now())
        change(rows[2], state="failed", detail="552 mailbox full", finished_at=Now())
        assert [(row.reason, row.week) for row in operating.failed()] == [
            ("550 user unknown", 2),
            (operating.REST, 1),
        ]


class TestRetryable:
    def test_names_mailings_by_reference_marking_and_network_only(self, durham, rows):
        for row in rows[:2]:
            change(row, state="failed", finished_at=Now())
        [found] = operating.retryable()
        assert found[1:] == ("DUR-2026-0042", "OFFICIAL", str(durham), "Immediate", 2)

    def test_leaves_out_what_was_withdrawn(self, rows):
        Delivery.objects.update(state="failed", finished_at=Now())
        post.withdraw(rows[0].mailing)
        assert operating.retryable() == []


class TestTroubles:
    def test_name_our_servers_and_count_those_of_agencies(self):
        ours = channel("email").server()
        for server in (ours, "their.system.example:443", "other.system.example:443"):
            for _ in range(breakers.PATIENCE):
                breakers.failed(server, "ConnectionRefusedError: their.system.example")
        first, others = operating.troubles()
        assert (first.server, first.problem) == (ours, "Connection refused error")
        assert first.since
        assert others.server == "2 systems of agencies"
        assert "example" not in str(others)

    def test_are_none_before_the_breaker_opens(self):
        breakers.failed(channel("email").server(), "once")
        assert operating.troubles() == []

    def test_leave_out_systems_that_nothing_was_owed_to_lately(self):
        for server in ("hooks.one.example", "hooks.two.example"):
            for _ in range(breakers.PATIENCE):
                breakers.failed(server, "Timed out")
        assert [row.server for row in operating.troubles()] == ["2 systems of agencies"]
        Breaker.objects.filter(server="hooks.one.example").update(open_until=Now() - 2 * HOUR)
        assert [row.server for row in operating.troubles()] == ["1 system of agencies"]


class TestHold:
    def test_says_who_and_why(self, omar):
        gate.close("Look at the links", omar)
        held = operating.hold()
        assert (held.by, held.reason, held.restored) == ("Omar Siddiqui", "Look at the links", False)

    def test_says_when_it_was_closed_by_itself(self):
        gate.close(gate.RESTORED)
        assert operating.hold().restored
        assert operating.hold().by == "Lantern itself"

    def test_is_none_while_messages_leave(self):
        gate.is_open()
        assert operating.hold() is None


class TestMayRepeat:
    def test_lists_what_was_owed_when_the_restore_was_noticed(self, durham, rows):
        gate.close(gate.RESTORED)
        type(rows[0].mailing).objects.update(released_at=Now() - HOUR)
        change(rows[0], state="sending", lease_until=Now() - HOUR)
        change(rows[1], state="sent", sent_at=Now())
        released(durham, reference="DUR-2026-0043")
        type(rows[0].mailing).objects.filter(reference="DUR-2026-0043").update(released_at=Now() + MINUTE)
        assert [(row.reference, row.many) for row in operating.may_repeat()] == [("DUR-2026-0042", 5)]

    def test_lists_nothing_for_an_ordinary_hold(self, rows, omar):
        gate.close("Wait", omar)
        assert operating.may_repeat() == []


class TestAccount:
    def test_takes_the_same_statements_for_any_number(self, durham):
        def asked() -> int:
            with CaptureQueriesContext(connection) as found:
                operating.account()
            return len(found)

        empty = asked()
        leads(durham, 4)
        for urgency in ("immediate", "routine"):
            released(durham, audience(durham), urgency=urgency)
        Delivery.objects.filter(urgency="routine").update(state="failed", finished_at=Now(), detail=F("pk"))
        assert asked() == empty == 7

    def test_is_fine_while_nobody_has_to_do_anything(self, rows):
        assert operating.account().is_fine
        Delivery.objects.update(due_at=Now() - 2 * MINUTE)
        assert not operating.account().is_fine

    def test_is_fine_while_only_an_agencys_own_system_does_not_answer(self):
        for _ in range(breakers.PATIENCE):
            breakers.failed("hooks.haven.example:443", "refused")
        assert operating.account().troubles
        assert operating.account().is_fine
        for _ in range(breakers.PATIENCE):
            breakers.failed(channel("email").server(), "refused")
        assert not operating.account().is_fine

    @pytest.mark.skipif("connection.vendor != 'postgresql'")
    def test_looks_only_at_what_is_owed_was_sent_or_failed_lately(self, durham):
        leads(durham, 100)
        for _ in range(10):
            released(durham)
        done = Now() - 90 * DAY
        Delivery.objects.update(state="sent", sent_at=done, finished_at=done)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE delivery_delivery")
            cursor.execute("SET LOCAL enable_seqscan = off")
        for ask, index in (
            (operating.owed, "owed"),
            (operating.rates, "delivery_by_sending"),
            (operating.failed, "delivery_by_failing"),
        ):
            with CaptureQueriesContext(connection) as asked:
                ask()
            with connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN {asked[0]['sql']}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
            assert f" {index} " in plan, plan
