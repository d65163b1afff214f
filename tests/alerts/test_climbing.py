from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import actions, board, climbing, release
from alerts.models import Alert, Ladder, Step
from audit.models import Entry
from delivery import ledger
from delivery.audience import Choice
from delivery.models import Delivery, Mailing, Number, Quiet, Recipient
from network.models import Appointment, Membership, Network
from tests import factories as people
from tests.alerts import factories
from tests.delivery.wishing import rests, set_aside, wants
from tests.factories import AgencyFactory, NetworkFactory, fresh, person
from tests.passing import passing

NOW = {"urgency": Alert.Urgency.IMMEDIATE}
AMBER = {"tlp": Alert.Tlp.AMBER}
Kind = Step.Kind
ALL = list(Kind)


def later(alert: Alert, minutes: float) -> None:
    """As if the alert had gone out so many minutes earlier."""
    back = dt.timedelta(minutes=minutes)
    Alert.objects.filter(pk=alert.pk).update(released_at=F("released_at") - back, created_at=F("created_at") - back)
    Mailing.objects.filter(pk=alert.mailing_id).update(
        released_at=F("released_at") - back, deadline_at=F("deadline_at") - back
    )


def climbed(alert: Alert, minutes: float) -> int:
    later(alert, minutes)
    return climbing.climb()


def steps(alert: Alert, agency) -> list[int]:
    return list(Step.objects.filter(alert=alert, agency=agency).order_by("kind").values_list("kind", flat=True))


def has(alert: Alert) -> set[str]:
    return set(Recipient.objects.filter(mailing=alert.mailing_id).values_list("person__name", flat=True))


def texted(alert: Alert) -> set[str]:
    rows = Delivery.objects.filter(mailing=alert.mailing_id, channel="text", state="queued")
    return set(rows.values_list("recipient__person__name", flat=True))


def told() -> list[tuple[str, str]]:
    """The notices, and to whom."""
    rows = Recipient.objects.filter(mailing__kind="notice").order_by("pk")
    return list(rows.values_list("person__name", "mailing__subject"))


@pytest.fixture
def dee(haven):
    """Deputy of the refuge, and not chosen: the alert is for leads."""
    return person("Dee Marsh", "deputy", haven)


@pytest.fixture
def out(durham, cora, haven, mia, ben, dee):
    """Released to the lead of the refuge alone."""
    return factories.released(durham, cora, haven, roles=["lead"], **NOW)


@pytest.fixture
def texts(settings):
    """Text messages can be sent."""
    settings.NOTIFY_KEY, settings.NOTIFY_TEMPLATE = "key", "template"


def number(someone) -> None:
    Number.objects.create(person=someone, number=f"+4477009{Number.objects.count():05}")


@pytest.mark.django_db
class TestTheFirstStep:
    def test_gives_it_to_the_deputies_after_fifteen_minutes(self, out, haven, dee):
        assert climbed(out, 14.9) == 0
        assert has(out) == {"Mia Hughes"}
        assert climbed(out, 0.2) == 1
        assert has(out) == {"Mia Hughes", "Dee Marsh"}
        row = Recipient.objects.get(person=dee)
        why = "deputy lead of Haven House, where no lead had acknowledged it after 15 minutes"
        assert (row.reason, row.role, row.agency) == (why, "deputy", haven)
        assert list(row.deliveries.values_list("channel", "state")) == [("email", "queued")]
        assert steps(out, haven) == [Kind.RELEASED, Kind.DEPUTIES]

    def test_lets_them_open_and_acknowledge_it_and_that_covers_the_agency(self, out, haven, dee, cora, browse):
        page = f"/alerts/{out.reference}/"
        assert browse(dee).get(page).status_code == 404
        climbed(out, 15)
        shown = browse(dee).get(page)
        assert b"where no lead had acknowledged it" in shown.content
        assert out.instruction.encode() in shown.content
        actions.acknowledge(alert=out, by=dee)
        assert board.of(board.rows(out, cora)).covered == 1
        assert climbed(out, 60) == 0

    def test_is_taken_once_and_writes_to_nobody_twice(self, out, dee):
        climbed(out, 15)
        before = Delivery.objects.count()
        assert climbing.climb() == 0
        assert Delivery.objects.count() == before
        assert Recipient.objects.filter(person=dee).count() == 1

    def test_says_since_when_they_have_had_it(self, out, dee, mia):
        climbed(out, 15)
        added = Recipient.objects.get(person=dee)
        assert timezone.now() - added.has_had_it_since < dt.timedelta(minutes=1)
        first = Recipient.objects.get(person=mia)
        assert (first.added_at, first.has_had_it_since) == (None, first.mailing.released_at)

    def test_gives_it_to_a_lead_who_was_appointed_since(self, out, haven):
        lou = person("Lou Grant", "lead", haven)
        climbed(out, 15)
        assert "Lou Grant" in has(out)
        assert Recipient.objects.get(person=lou).reason.startswith("lead of Haven House, where no lead")

    def test_does_not_give_it_to_members(self, out):
        climbed(out, 60)
        assert "Ben Okafor" not in has(out)

    def test_leaves_out_whose_appointment_is_over(self, out, dee):
        Appointment.objects.filter(person=dee).update(until_at=Now())
        climbed(out, 15)
        assert has(out) == {"Mia Hughes"}

    def test_leaves_out_whose_account_is_closed(self, out, dee):
        type(dee).objects.filter(pk=dee.pk).update(is_active=False, closed_at=Now())
        climbed(out, 15)
        assert has(out) == {"Mia Hughes"}

    def test_is_for_no_agency_that_was_excluded_or_not_meant(self, durham, cora, haven, harbour, mia, otto):
        person("Odd One", "deputy", harbour)
        alert = factories.draft(durham, cora, **NOW)
        choice = Choice(everyone=True, roles=["lead"], excluded=[harbour])
        alert = actions.address(alert=alert, choice=choice, by=cora)
        alert = actions.release(alert=alert, sheet=release.sheet(alert).fingerprint, by=cora)
        climbed(alert, 60)
        assert has(alert) == {"Mia Hughes"}
        assert steps(alert, harbour) == []

    def test_is_one_row_for_somebody_who_is_deputy_twice(self, durham, cora, haven, harbour, mia, otto):
        dee = person("Dee Marsh", "deputy", haven)
        people.appoint(dee, "deputy", harbour)
        alert = factories.released(durham, cora, haven, harbour, roles=["lead"], **NOW)
        climbed(alert, 15)
        assert Recipient.objects.get(person=dee).agency == harbour
        assert steps(alert, haven) == steps(alert, harbour) == [Kind.RELEASED, Kind.DEPUTIES]

    def test_names_the_person_for_whom_somebody_stands_in(self, out, haven, mia):
        stand_in = people.UserFactory(name="Sid Cover")
        end = timezone.now() + dt.timedelta(days=3)
        people.appoint(stand_in, "deputy", haven, covers=mia, until_at=end)
        climbed(out, 15)
        assert Recipient.objects.get(person=stand_in).reason.startswith(
            "deputy lead of Haven House, standing in for Mia Hughes, where"
        )

    def test_an_agency_that_did_not_sign_is_not_given_what_is_withheld(self, durham, cora, asha, haven, harbour, mia):
        person("Dee Marsh", "deputy", haven)
        alert = factories.released(durham, cora, haven, roles=["lead"], approver=asha, **NOW, **AMBER)
        people.lapse(haven)
        climbed(alert, 60)
        assert has(alert) == {"Mia Hughes"}
        assert steps(alert, haven) == [Kind.RELEASED]

    def test_an_agency_that_had_not_signed_at_release_does_not_come_in_by_signing(
        self, durham, cora, asha, haven, mia, harbour
    ):
        people.lapse(harbour)
        person("Odd One", "deputy", harbour)
        alert = factories.released(durham, cora, haven, harbour, roles=["lead"], approver=asha, **NOW, **AMBER)
        people.sign(harbour, durham)
        climbed(alert, 60)
        assert has(alert) == {"Mia Hughes"}
        assert steps(alert, harbour) == []

    def test_red_stays_with_the_people_it_named(self, durham, cora, asha, haven, harbour, mia, dee, otto):
        alert = factories.draft(durham, cora, tlp=Alert.Tlp.RED, **NOW)
        alert = actions.address(
            alert=alert, choice=Choice(agencies=[haven, harbour], roles=["charter", "lead"]), by=cora
        )
        Appointment.objects.filter(person=otto).update(role="member")
        actions.submit(alert=alert, by=cora)
        alert = actions.release(alert=alert, sheet=release.sheet(alert).fingerprint, by=fresh(asha))
        climbed(alert, 60)
        assert has(alert) == {"Mia Hughes"}
        assert steps(alert, haven) == [Kind.RELEASED, Kind.OTHER_WAY, Kind.CALL]
        assert steps(alert, harbour) == []

    def test_heeds_quiet_hours_no_more_than_the_release_did(self, out, dee):
        rests(dee)
        climbed(out, 15)
        assert Delivery.objects.get(recipient__person=dee).due_at <= timezone.now()
        assert Quiet.objects.exists()

    def test_goes_by_the_next_way_where_the_address_is_set_aside(self, out, dee, texts):
        number(dee)
        set_aside(dee)
        climbed(out, 15)
        rows = dict(Delivery.objects.filter(recipient__person=dee).values_list("channel", "state"))
        assert rows == {"email": "suppressed", "text": "queued"}

    def test_a_person_who_leaves_before_it_is_sent_is_not_sent_it(self, out, dee):
        climbed(out, 15)
        Appointment.objects.filter(person=dee).update(until_at=Now())
        ticket = ledger.lease("email", "immediate")
        held = ledger.take(ticket.fence)
        mine = Delivery.objects.get(recipient__person=dee).pk
        assert mine in {item.delivery for item in held.items}
        assert mine not in ledger.sendable(held.fence)


@pytest.mark.django_db
@pytest.mark.usefixtures("texts")
class TestTheOtherWay:
    def test_is_a_text_message_to_leads_and_deputies_after_thirty_minutes(self, out, haven, mia, dee):
        number(mia)
        number(dee)
        climbed(out, 15)
        assert texted(out) == set()
        climbed(out, 15)
        assert texted(out) == {"Mia Hughes", "Dee Marsh"}
        assert steps(out, haven) == [Kind.RELEASED, Kind.DEPUTIES, Kind.OTHER_WAY]

    def test_is_not_for_those_who_had_one(self, out, mia):
        number(mia)
        wants(mia, "at_once", channel="text")
        row = Recipient.objects.get(mailing=out.mailing)
        Delivery.objects.create(recipient=row, mailing=out.mailing, channel="text", state="sent", urgency="immediate")
        climbed(out, 30)
        assert Delivery.objects.filter(recipient=row, channel="text").count() == 1

    def test_is_not_for_members_nor_other_agencies(self, durham, cora, haven, harbour, mia, ben, otto):
        for someone in (mia, ben, otto):
            number(someone)
        alert = factories.released(durham, cora, haven, harbour, **NOW)
        actions.acknowledge(alert=alert, by=otto)
        climbed(alert, 30)
        assert texted(alert) == {"Mia Hughes"}

    def test_is_not_for_who_turned_text_messages_off(self, out, mia):
        number(mia)
        wants(mia, "off", channel="text")
        climbed(out, 30)
        assert texted(out) == set()

    def test_is_not_for_who_left_since(self, out, mia):
        number(mia)
        Appointment.objects.filter(person=mia).update(until_at=Now())
        climbed(out, 30)
        assert texted(out) == set()


@pytest.mark.django_db
class TestTheCallList:
    def test_has_the_agency_after_sixty_minutes_and_tells_the_coordinators(self, out, haven, cora):
        climbed(out, 15)
        climbed(out, 15)
        climbed(out, 29)
        assert told() == []
        climbed(out, 1)
        assert steps(out, haven) == ALL
        assert told() == [("Cora Bell", f"Agencies to call about {out.reference}")]
        notice = Mailing.objects.get(kind="notice")
        assert (notice.urgency, notice.path) == ("immediate", f"/alerts/{out.reference}/calls/")
        assert "Haven" not in notice.text
        assert notice.deliveries.get().state == "queued"

    def test_tells_them_once(self, out):
        climbed(out, 60)
        climbing.climb()
        assert len(told()) == 1

    def test_tells_them_once_of_all_that_came_early(self, durham, cora, haven, mia, harbour, otto):
        empty = AgencyFactory(network=durham)
        alert = factories.released(durham, cora, haven, harbour, empty, roles=["lead"], **NOW)
        climbed(alert, 15)
        Appointment.objects.filter(person=otto).update(until_at=Now())
        climbed(alert, 1)
        assert steps(alert, harbour)[-1] == steps(alert, empty)[-1] == Kind.CALL
        assert len(told()) == 1

    def test_tells_them_in_their_quiet_hours(self, out, cora):
        rests(cora)
        climbed(out, 60)
        assert Delivery.objects.get(recipient__person=cora).due_at <= timezone.now()

    def test_has_an_agency_at_once_where_nobody_leads(self, durham, cora, haven, ben, harbour, otto):
        """Only a member was told: nobody can acknowledge for the agency."""
        alert = factories.released(durham, cora, haven, harbour, roles=["member", "lead"], **NOW)
        assert climbed(alert, 14) == 0
        climbed(alert, 1)
        assert steps(alert, haven) == [Kind.RELEASED, Kind.DEPUTIES, Kind.CALL]
        assert steps(alert, harbour) == [Kind.RELEASED, Kind.DEPUTIES]
        assert len(told()) == 1

    def test_tells_of_the_others_when_their_time_has_come(self, durham, cora, haven, ben, harbour, otto):
        alert = factories.released(durham, cora, haven, harbour, roles=["member", "lead"], **NOW)
        climbed(alert, 15)
        climbed(alert, 45)
        assert len(told()) == 2
        assert Mailing.objects.filter(kind="notice").latest("pk").text.startswith("1 agency has")

    def test_has_an_agency_at_once_where_there_is_nobody_at_all(self, durham, cora, haven, mia):
        empty = AgencyFactory(name="Empty Hall", network=durham)
        alert = factories.released(durham, cora, haven, empty, roles=["lead"], **NOW)
        climbed(alert, 15)
        assert steps(alert, empty) == [Kind.RELEASED, Kind.DEPUTIES, Kind.CALL]
        assert steps(alert, haven) == [Kind.RELEASED, Kind.DEPUTIES]
        climbed(alert, 15)
        assert steps(alert, empty) == [Kind.RELEASED, Kind.DEPUTIES, Kind.CALL]
        assert steps(alert, haven) == [Kind.RELEASED, Kind.DEPUTIES, Kind.OTHER_WAY]

    def test_first_asks_the_deputy_where_nobody_of_the_chosen_roles_was_there(self, durham, cora, haven, mia, harbour):
        person("Dee Marsh", "deputy", harbour)
        alert = factories.released(durham, cora, haven, harbour, roles=["lead"], **NOW)
        climbed(alert, 15)
        assert has(alert) == {"Mia Hughes", "Dee Marsh"}
        assert steps(alert, harbour) == [Kind.RELEASED, Kind.DEPUTIES]

    def test_has_an_agency_whose_last_lead_left_in_between(self, out, haven, mia, dee):
        climbed(out, 15)
        Appointment.objects.filter(agency=haven).update(until_at=Now())
        climbed(out, 1)
        assert steps(out, haven) == [Kind.RELEASED, Kind.DEPUTIES, Kind.CALL]

    def test_tells_nobody_where_nobody_coordinates(self, out, haven, cora):
        Appointment.objects.filter(person=cora).update(until_at=Now())
        climbed(out, 60)
        assert steps(out, haven) == ALL
        assert not Mailing.objects.filter(kind="notice").exists()


def _acknowledged(out, **who):
    actions.acknowledge(alert=out, by=who["mia"])


def _withdrawn(out, **who):
    actions.withdraw(alert=out, reason="Wrong town", by=who["cora"])


def _expired(out, **_):
    Alert.objects.filter(pk=out.pk).update(expires_at=Now())


def _suspended(out, haven, **_):
    Membership.objects.filter(agency=haven).update(suspended_at=Now())


def _left(out, haven, **_):
    Membership.objects.filter(agency=haven).update(until_at=Now())


def _network_over(out, durham, **_):
    Network.objects.filter(pk=durham.pk).update(ended_at=Now())


def _read_by_a_member(out, ben, **_):
    actions.acknowledge(alert=out, by=ben)


def _nothing(out, **_):
    """Nobody does anything."""


STOPS = [_acknowledged, _withdrawn, _expired, _suspended, _left, _network_over]
GOES_ON = [_nothing, _read_by_a_member]


@pytest.mark.django_db
class TestEveryStepInEveryState:
    """Whatever ends it does so before each of the steps, and nothing else does."""

    MINUTES = (15, 15, 30)

    @pytest.fixture
    def world(self, durham, cora, haven, mia, ben, dee):
        alert = factories.released(durham, cora, haven, roles=["lead", "member"], **NOW)
        return {"out": alert, "durham": durham, "cora": cora, "haven": haven, "mia": mia, "ben": ben}

    @pytest.mark.parametrize("before", [0, 1, 2])
    def test_it_stops(self, world, before):
        self.climb(world, self.MINUTES[:before])
        for state in STOPS:
            with passing():
                self.happens(state, world)
                self.climb(world, self.MINUTES[before:])
                assert steps(world["out"], world["haven"]) == ALL[: before + 1], state
                assert ("Dee Marsh" in has(world["out"])) == (before > 0), state
                assert told() == [], state

    @pytest.mark.parametrize("before", [0, 1, 2])
    def test_it_goes_on(self, world, before):
        self.climb(world, self.MINUTES[:before])
        for state in GOES_ON:
            with passing():
                self.happens(state, world)
                self.climb(world, self.MINUTES[before:])
                assert steps(world["out"], world["haven"]) == ALL, state

    @staticmethod
    def happens(state, world) -> None:
        """To the alert as the database has it: what an earlier state left in memory is not so."""
        state(**world | {"out": Alert.objects.get(pk=world["out"].pk)})

    @staticmethod
    def climb(world, minutes) -> None:
        for each in minutes:
            climbed(world["out"], each)

    @pytest.mark.parametrize("urgency", [u for u in Alert.Urgency if u != Alert.Urgency.IMMEDIATE])
    def test_what_can_wait_never_begins(self, durham, cora, haven, mia, dee, urgency):
        alert = factories.released(durham, cora, haven, roles=["lead"], urgency=urgency)
        assert climbed(alert, 300) == 0
        assert not Step.objects.exists()

    def test_missed_steps_are_taken_at_once_and_in_order(self, world):
        assert climbed(world["out"], 90) == 3
        assert steps(world["out"], world["haven"]) == ALL
        row = Recipient.objects.get(person__name="Dee Marsh")
        assert row.deliveries.filter(channel="email", state="queued").exists()

    def test_what_the_post_has_given_up_on_is_in_the_platform_and_not_owed(self, world):
        """After four hours away an email would fail at once; the coordinator is told to telephone."""
        climbed(world["out"], 250)
        assert not Recipient.objects.get(person__name="Dee Marsh").deliveries.exists()
        assert len(told()) == 1

    def test_nobody_is_woken_for_what_is_a_week_old(self, world):
        assert climbed(world["out"], 7 * 24 * 60) == 0

    def test_an_agency_that_joined_since_gets_no_step(self, world, durham):
        late = AgencyFactory(network=durham)
        person("Late Comer", "lead", late)
        climbed(world["out"], 60)
        assert steps(world["out"], late) == []

    def test_each_agency_stands_by_itself(self, durham, cora, haven, harbour, mia, otto, dee):
        alert = factories.released(durham, cora, haven, harbour, roles=["lead"], **NOW)
        actions.acknowledge(alert=alert, by=otto)
        climbed(alert, 60)
        assert steps(alert, haven) == ALL
        assert steps(alert, harbour) == [Kind.RELEASED]


@pytest.mark.django_db
class TestTheMinutesOfANetwork:
    def test_are_heeded_each_for_its_own_network(self, durham, riverside, cora, haven, riverbank, mia, nell):
        Ladder.objects.create(network=durham, deputies_after=5, other_way_after=6, calls_after=7)
        rita = person("Rita Vale", "coordinator", riverside)
        ours = factories.released(durham, cora, haven, roles=["lead"], **NOW)
        theirs = factories.released(riverside, rita, riverbank, roles=["lead"], **NOW)
        later(ours, 7)
        later(theirs, 7)
        climbing.climb()
        assert steps(ours, haven) == ALL
        assert steps(theirs, riverbank) == [Kind.RELEASED]
        assert [name for name, _ in told()] == ["Cora Bell"]

    def test_stand_in_the_reason(self, durham, out, dee):
        Ladder.objects.create(network=durham, deputies_after=20, other_way_after=40, calls_after=60)
        assert climbed(out, 19) == 0
        climbed(out, 1)
        assert "after 20 minutes" in Recipient.objects.get(person=dee).reason


@pytest.mark.django_db
class TestWhatItLeavesBehind:
    def test_is_one_entry_for_each_alert_by_the_platform_itself(self, out):
        climbed(out, 60)
        entry = Entry.objects.get(verb="alert.climb")
        assert (entry.subject_id, entry.actor_id, entry.network_id) == (str(out.pk), None, out.network_id)
        assert entry.details == {"deputies": 1, "other_way": 1, "call": 1, "people": 1}

    def test_rings_for_what_is_owed(self, out, django_capture_on_commit_callbacks):
        later(out, 15)
        with django_capture_on_commit_callbacks() as rung:
            climbing.climb()
        assert rung
        with django_capture_on_commit_callbacks() as rung:
            climbing.climb()
        assert not rung


@pytest.mark.django_db
class TestTheCost:
    def many(self, number: int) -> None:
        for _ in range(number):
            network = NetworkFactory()
            runner = people.UserFactory()
            people.appoint(runner, "coordinator", network)
            places = [AgencyFactory(network=network) for _ in range(number)]
            for place in places:
                for role in ("lead", "deputy"):
                    people.appoint(people.UserFactory(), role, place)
            alert = factories.released(network, runner, *places, roles=["lead"], **NOW)
            later(alert, 60)

    def test_is_the_same_for_any_number(self):
        costs = []
        for number in (1, 4):
            self.many(number)
            with CaptureQueriesContext(connection) as asked:
                assert climbing.climb() == 3 * number * number
            costs.append(len(asked))
        assert costs[0] == costs[1]

    def test_is_one_statement_while_nothing_is_open(self, out, django_assert_num_queries):
        actions.withdraw(alert=out, reason="Wrong", by=out.created_by)
        with django_assert_num_queries(1):
            climbing.climb()

    def test_is_one_statement_until_something_is_due(self, out, django_assert_num_queries):
        with django_assert_num_queries(1):
            climbing.climb()

    def test_is_nothing_at_the_release_of_what_can_wait(self, durham, cora, haven, mia):
        with CaptureQueriesContext(connection) as asked:
            factories.released(durham, cora, haven)
        assert not [query for query in asked if "alerts_step" in query["sql"]]

    def test_looks_for_open_alerts_in_an_index_of_their_own(self):
        if connection.vendor == "postgresql":
            pytest.skip("PostgreSQL reads the whole of so small a table; SQLite does not count its rows")
        assert "INDEX alert_that_may_climb (urgency=? AND released_at>?)" in climbing.open_alerts().explain()


class TestTwoBeatsAtOnce:
    @pytest.mark.django_db(transaction=True)
    def test_a_round_waits_for_a_withdrawal_that_is_under_way(self):
        if connection.vendor == "sqlite":
            pytest.skip("SQLite lets one writer in at a time by itself; this test is about PostgreSQL")
        network = NetworkFactory(prefix="TWO")
        agency = AgencyFactory(network=network)
        cora = person("Cora Bell", "coordinator", network)
        person("Mia Hughes", "lead", agency)
        alert = factories.released(network, cora, agency, roles=["lead"], **NOW)
        later(alert, 60)

        def beat():
            try:
                return climbing.climb()
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as threads:
            with transaction.atomic():
                actions.withdraw(alert=alert, reason="Wrong", by=cora)
                round_ = threads.submit(beat)
                with pytest.raises(TooLong):
                    round_.result(timeout=2)
            assert round_.result(timeout=30) == 0
        assert steps(alert, agency) == [Kind.RELEASED]

    @pytest.mark.django_db(transaction=True)
    def test_a_round_that_had_to_wait_leaves_what_came_to_its_end_meanwhile(self):
        if connection.vendor == "sqlite":
            pytest.skip("SQLite lets one writer in at a time by itself; this test is about PostgreSQL")
        network = NetworkFactory(prefix="TWO")
        agency = AgencyFactory(network=network)
        cora = person("Cora Bell", "coordinator", network)
        person("Mia Hughes", "lead", agency)
        alert = factories.released(network, cora, agency, roles=["lead"], **NOW)
        later(alert, 60)
        Alert.objects.update(expires_at=Now() + dt.timedelta(seconds=1.5))

        def beat():
            try:
                return climbing.climb()
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as threads:
            with transaction.atomic():
                Alert.objects.select_for_update().get()
                round_ = threads.submit(beat)
                with pytest.raises(TooLong):
                    round_.result(timeout=2)
            assert round_.result(timeout=30) == 0
        assert steps(alert, agency) == [Kind.RELEASED]

    @pytest.mark.django_db(transaction=True)
    def test_take_each_step_once(self):
        if connection.vendor == "sqlite":
            pytest.skip("SQLite lets one writer in at a time by itself; this test is about PostgreSQL")
        network = NetworkFactory(prefix="TWO")
        cora = person("Cora Bell", "coordinator", network)
        places = [AgencyFactory(network=network) for _ in range(5)]
        for place in places:
            for role in ("lead", "deputy"):
                people.appoint(people.UserFactory(), role, place)
        alert = factories.released(network, cora, *places, roles=["lead"], **NOW)
        later(alert, 60)
        together = threading.Barrier(4)

        def beat(_):
            together.wait(timeout=30)
            try:
                return climbing.climb()
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as threads:
            taken = list(threads.map(beat, range(4)))
        assert sorted(taken) == [0, 0, 0, 15]
        assert Recipient.objects.filter(mailing=alert.mailing).count() == 10
        assert Entry.objects.filter(verb="alert.climb").count() == len(told()) == 1
