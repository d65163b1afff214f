from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from delivery import carrier, fallback, post, wishes
from delivery.models import Delivery, Mailing, Number, Preference, Quiet
from tests import factories as people
from tests.delivery.factories import audience, leads, released
from tests.delivery.test_carrier import go, make_due, of, state
from tests.delivery.wishing import HOUR, rests, set_aside, wants

MEMBERS = {"roles": ["lead", "deputy", "member"]}


@pytest.fixture
def priority(durham, mia, ben):
    """Releases an alert that can wait, to leads and members."""
    return lambda **fields: released(durham, audience(durham, **MEMBERS), **{"urgency": "priority", **fields})


@pytest.fixture
def texts(settings):
    settings.NOTIFY_KEY, settings.NOTIFY_TEMPLATE = "key", "template"


class TestTurnedOff:
    def test_closes_what_somebody_turned_off(self, priority, mia, ben):
        wants(ben, "off")
        priority()
        assert (state(ben), of(ben).detail) == ("suppressed", wishes.TURNED_OFF)
        assert of(ben).finished_at
        assert state(mia) == "queued"

    def test_everyone_still_has_it_in_the_platform(self, priority, ben):
        wants(ben, "off")
        assert priority().recipients.filter(person=ben).exists()

    def test_another_kind_is_another_matter(self, priority, ben):
        wants(ben, "off", kind="training")
        priority()
        assert state(ben) == "queued"

    def test_an_immediate_alert_comes_to_leads_and_members_all_the_same(self, priority, mia, ben, mail_server):
        wants(mia, "off")
        wants(ben, "off")
        priority(urgency="immediate")
        assert (state(mia), state(ben)) == ("queued", "queued")
        go()
        assert sorted(mail_server.addresses) == ["ben@lantern.example", "mia@lantern.example"]

    def test_a_text_message_that_was_turned_off_is_not_sent_even_so(self, priority, mia, ben, texts):
        Number.objects.create(person=ben, number="+447700900123")
        wants(ben, "at_once", channel="text")
        priority(urgency="immediate")
        Preference.objects.filter(person=ben).update(choice="off")
        wishes.settle(Delivery.objects.all())
        ways = Delivery.objects.filter(recipient__person=ben).values_list("channel", "state")
        assert sorted(ways) == [("email", "queued"), ("text", "suppressed")]

    def test_no_other_kind_is_sent_to_who_turned_it_off_however_urgent(self, priority, ben):
        wants(ben, "off", kind="training")
        priority(urgency="immediate", kind="training")
        assert state(ben) == "suppressed"

    def test_what_is_turned_off_after_release_is_not_sent(self, priority, mia, ben, mail_server):
        priority()
        wants(ben, "off")
        go()
        assert mail_server.addresses == ["mia@lantern.example"]
        assert (state(ben), of(ben).detail) == ("suppressed", wishes.TURNED_OFF)


class TestSummary:
    def test_what_is_in_the_summary_is_not_sent_by_itself(self, priority, mia):
        wants(mia, "digest")
        priority()
        assert (state(mia), of(mia).detail) == ("suppressed", wishes.IN_SUMMARY)

    def test_an_immediate_alert_never_waits_for_the_summary(self, priority, mia, ben):
        wants(mia, "digest")
        wants(ben, "digest")
        priority(urgency="immediate")
        assert (state(mia), state(ben)) == ("queued", "queued")

    def test_whoever_chooses_it_after_release_is_not_sent_both(self, priority, mia, ben, mail_server):
        priority()
        wants(mia, "digest")
        go()
        assert mail_server.addresses == ["ben@lantern.example"]


class TestQuietHours:
    def test_what_can_wait_waits_until_they_end(self, priority, mia, ben):
        end = rests(mia)
        priority()
        assert of(mia).due_at == end
        assert (state(mia), of(mia).detail) == ("queued", wishes.RESTING)
        assert of(ben).due_at <= timezone.now()

    def test_what_cannot_wait_comes_at_any_hour(self, priority, mia):
        rests(mia)
        priority(urgency="immediate")
        assert of(mia).due_at <= timezone.now()

    def test_hours_that_are_not_on_change_nothing(self, priority, mia):
        rests(mia, since=-HOUR)
        priority()
        assert of(mia).due_at <= timezone.now()

    def test_never_makes_a_message_outlive_its_deadline(self, priority, mia, monkeypatch):
        rests(mia, until=3 * HOUR)
        monkeypatch.setitem(post.PATIENCE, Mailing.Urgency.PRIORITY, 2 * HOUR)
        made = priority()
        assert abs(of(mia).due_at - (made.deadline_at - wishes.LAST_CHANCE)) < dt.timedelta(seconds=1)

    def test_never_makes_a_message_expire(self, priority, mia):
        rests(mia, until=3 * HOUR)
        end = timezone.now() + 2 * HOUR
        priority(expires_at=end)
        assert abs(of(mia).due_at - (end - wishes.LAST_CHANCE)) < dt.timedelta(seconds=1)

    def test_what_would_expire_at_once_is_sent_at_once(self, priority, mia, ben, mail_server):
        rests(mia)
        priority(expires_at=timezone.now() + wishes.LAST_CHANCE / 2)
        go()
        assert sorted(mail_server.addresses) == ["ben@lantern.example", "mia@lantern.example"]

    def test_what_is_tried_again_at_night_waits_as_well(self, priority, mia, mail_server):
        mail_server.at_rcpt["mia@lantern.example"] = "450 Busy"
        priority()
        go()
        assert state(mia) == "queued"
        mail_server.at_rcpt.clear()
        end = rests(mia)
        make_due()
        go()
        assert "mia@lantern.example" not in mail_server.addresses
        assert (of(mia).due_at, of(mia).detail, of(mia).fence) == (end, wishes.RESTING, None)
        Quiet.objects.all().delete()
        make_due()
        go()
        assert state(mia) == "sent"

    def test_two_with_other_hours_wait_for_their_own_end(self, priority, mia, ben):
        first, second = rests(mia), rests(ben, until=3 * HOUR)
        priority()
        assert (of(mia).due_at, of(ben).due_at) == (first, second)


class TestSetAside:
    def test_nothing_goes_to_an_address_that_is_set_aside(self, priority, mia, ben):
        set_aside(mia)
        priority(urgency="immediate")
        assert (state(mia), of(mia).detail) == ("suppressed", wishes.ADDRESS_SET_ASIDE)
        assert state(ben) == "queued"

    def test_the_next_way_is_owed(self, priority, mia, texts):
        set_aside(mia)
        Number.objects.create(person=mia, number="+447700900123")
        priority(urgency="immediate")
        ways = Delivery.objects.filter(recipient__person=mia).values_list("channel", "state")
        assert sorted(ways) == [("email", "suppressed"), ("text", "queued")]

    @pytest.mark.parametrize("fields", [{"flagged_only": True}, {"until_at": Now()}, {"address": "old@haven.example"}])
    def test_one_that_is_only_watched_or_tried_again_or_was_changed_is_sent_to(self, fields, priority, mia):
        set_aside(mia, **fields)
        priority()
        assert state(mia) == "queued"

    def test_one_that_came_back_after_release_is_not_sent_to(self, priority, mia, mail_server, texts):
        priority()
        set_aside(mia)
        Number.objects.create(person=mia, number="+447700900123")
        ticket = next(ticket for ticket in carrier.dispatch() if ticket.way == "email")
        carrier.deliver(ticket.fence)
        assert mail_server.addresses == ["ben@lantern.example"]
        assert Delivery.objects.get(recipient__person=mia, channel="text").state == "queued"


class TestHeed:
    def statements(self, durham, **fields) -> int:
        with CaptureQueriesContext(connection) as asked:
            released(durham, **{"urgency": "priority", **fields})
        return len(asked)

    def test_costs_one_statement_when_nobody_asked_for_anything(self, durham, mia, monkeypatch):
        with_it = self.statements(durham)
        monkeypatch.setattr(wishes, "heed", lambda mailing: None)
        assert with_it == self.statements(durham) + 1

    def test_costs_the_same_for_few_and_for_many(self, durham):
        self.with_wishes(leads(durham, 3))
        few = self.statements(durham)
        self.with_wishes(leads(durham, 30))
        assert self.statements(durham) == few

    def with_wishes(self, made: list[User]) -> None:
        now = timezone.localtime()
        hours = {"begins": (now - HOUR).time().replace(second=0), "ends": (now + HOUR).time().replace(second=0)}
        hours = {name: time.replace(minute=0, microsecond=0) for name, time in hours.items()}
        for number, person in enumerate(made):
            if number % 3 == 0:
                set_aside(person)
            if number % 3 == 1:
                Preference.objects.create(person=person, kind="alert", channel="email", choice="digest")
            if number % 3 == 2:
                Quiet.objects.create(person=person, **hours)

    def test_takes_the_next_way_in_the_same_transaction(self, priority, mia, monkeypatch):
        def broken(ids, state):
            raise RuntimeError

        set_aside(mia)
        monkeypatch.setattr(wishes, "next_way", broken)
        with pytest.raises(RuntimeError):
            priority()
        assert not Mailing.objects.exists()
        assert fallback.next_way is not broken


class TestCover:
    def test_who_is_away_has_it_and_who_stands_in_as_well(self, durham, haven, mia, ben, mail_server):
        now = timezone.now()
        people.appoint(ben, "deputy", haven, covers=mia, from_at=now - HOUR, until_at=now + HOUR)
        released(durham)
        go()
        assert sorted(mail_server.addresses) == ["ben@lantern.example", "mia@lantern.example"]
        assert "standing in for Mia Hughes" in of(ben).recipient.reason
        assert "standing in" not in of(mia).recipient.reason
