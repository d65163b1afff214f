from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import actions, calling, climbing
from alerts.models import Alert, Call, Ladder, Step
from audit.models import Entry
from directory.models import Contact, Mobile
from network import grants
from network.models import Appointment
from tests import factories as people
from tests.alerts import factories
from tests.alerts.test_climbing import NOW, later
from tests.directory.factories import ContactFactory, ListingFactory
from tests.factories import AgencyFactory, person

pytestmark = pytest.mark.django_db


def listed(network, by, *agencies, **other) -> Alert:
    """An alert that came to the call list for these agencies."""
    alert = factories.released(network, by, *agencies, roles=["lead"], **NOW, **other)
    later(alert, 60)
    climbing.climb()
    return alert


@pytest.fixture
def out(durham, cora, haven, mia):
    haven.office_phone, haven.public_phone = "0191 498 0111", "0808 157 0111"
    haven.save()
    return listed(durham, cora, haven)


def note(out, haven, by, outcome="no_answer") -> Call:
    return actions.note_call(alert=out, agency=haven.pk, outcome=outcome, by=by)


def numbers(line: calling.Line) -> set[str]:
    return {found.number for found in [*line.numbers, *line.contacts]}


class TestLines:
    def test_tell_who_leads_it_and_its_numbers(self, out, haven, cora):
        person("Dee Marsh", "deputy", haven)
        contact = ContactFactory(listing=ListingFactory(agency=haven, name="Beds"), phone="01632 960111")
        (line,) = calling.lines(out, cora)
        assert line.agency == haven
        assert line.leads == ["Dee Marsh, deputy lead", "Mia Hughes, lead"]
        assert numbers(line) == {"0191 498 0111", "0808 157 0111", contact.phone}
        assert line.since == Step.objects.get(kind=Step.Kind.CALL).at

    def test_never_show_a_concealed_listing_not_even_to_a_holder_of_a_grant(self, out, haven, cora, mia):
        hidden = ListingFactory(agency=haven, name="Hidden", access="concealed")
        ContactFactory(listing=hidden, phone="01632 960999", access="concealed")
        ContactFactory(listing=hidden, phone="01632 960997", access="restricted")
        ContactFactory(listing=ListingFactory(agency=haven), phone="01632 960998", access="concealed")
        until, reason = timezone.now() + dt.timedelta(hours=1), "She has to find a bed for somebody tonight."
        grants.give(row=hidden, person=cora, until=until, reason=reason, by=people.fresh(mia))
        assert Contact.objects.visible_to(cora).filter(listing=hidden).count() == 2
        (line,) = calling.lines(out, cora)
        assert not {"01632 960999", "01632 960998", "01632 960997"} & numbers(line)

    def test_never_show_a_mobile_number_but_where_to_ask_for_it(self, out, haven, cora):
        listing = ListingFactory(agency=haven, name="Beds")
        contact = ContactFactory(listing=listing, phone="")
        Mobile.objects.create(contact=contact, number="07700 900123")
        (line,) = calling.lines(out, cora)
        assert line.mobiles == [(listing.pk, "Beds")]
        assert "07700 900123" not in numbers(line)

    def test_end_with_an_acknowledgement(self, out, mia, cora):
        actions.acknowledge(alert=out, by=mia)
        assert calling.lines(out, cora) == []

    def test_end_with_the_withdrawal(self, out, cora):
        actions.withdraw(alert=out, reason="Wrong", by=cora)
        assert calling.lines(out, cora) == []

    def test_end_with_the_agencys_place_in_the_network(self, out, haven, cora):
        haven.memberships.update(suspended_at="2026-01-01T00:00Z")
        assert calling.lines(out, cora) == []

    def test_stay_when_somebody_was_reached(self, out, haven, cora):
        note(out, haven, cora, "reached")
        (line,) = calling.lines(out, cora)
        assert line.last.outcome == "reached"

    def test_are_none_before_the_list_is_reached(self, durham, cora, haven, mia):
        assert calling.lines(factories.released(durham, cora, haven, **NOW), cora) == []

    def test_cost_the_same_for_many_as_for_one(self, durham, cora):
        costs = []
        for number in (1, 5):
            agencies = [AgencyFactory(network=durham, office_phone="0191 498 0100") for _ in range(number)]
            for agency in agencies:
                people.appoint(people.UserFactory(), "lead", agency)
                ContactFactory(listing=ListingFactory(agency=agency))
            alert = listed(durham, cora, *agencies)
            with CaptureQueriesContext(connection) as asked:
                assert len(calling.lines(alert, cora)) == number
            costs.append(len(asked))
        assert costs[0] == costs[1]


class TestNoteCall:
    def test_is_a_note_and_acknowledges_nothing(self, out, haven, cora):
        call = note(out, haven, cora, "reached")
        assert (call.outcome, call.by, call.agency) == ("reached", cora, haven)
        assert not out.mailing.recipients.filter(acknowledged_at__isnull=False).exists()
        entry = Entry.objects.get(verb="alert.call")
        assert (entry.actor_id, entry.details) == (cora.pk, {"outcome": "reached", "agency": str(haven.pk)})

    def test_pressed_twice_is_one(self, out, haven, cora):
        assert note(out, haven, cora) == note(out, haven, cora)
        assert Entry.objects.filter(verb="alert.call").count() == 1

    def test_again_with_another_outcome_is_another(self, out, haven, cora):
        note(out, haven, cora)
        note(out, haven, cora, "reached")
        assert Call.objects.count() == 2

    def test_is_for_coordinators_only(self, out, haven, asha, mia, dara, nora, otto, omar):
        for other in (asha, mia, dara, nora, otto, omar):
            with pytest.raises(PermissionDenied):
                note(out, haven, other)
        assert not Call.objects.exists()

    def test_refuses_the_coordinator_of_another_network(self, out, haven, riverside):
        with pytest.raises(PermissionDenied):
            note(out, haven, person("Rita Vale", "coordinator", riverside))

    def test_refuses_an_agency_that_is_not_on_the_list(self, out, harbour, haven, cora, mia):
        with pytest.raises(ValidationError):
            note(out, harbour, cora)
        actions.acknowledge(alert=out, by=mia)
        with pytest.raises(ValidationError):
            note(out, haven, cora)

    def test_refuses_another_outcome(self, out, haven, cora):
        with pytest.raises(ValidationError):
            note(out, haven, cora, "acknowledged")


class TestTakeBackCall:
    def test_keeps_the_row_and_the_entry(self, out, haven, cora):
        call = actions.take_back_call(call=note(out, haven, cora), by=cora)
        assert call.taken_back_at
        assert calling.lines(out, cora)[0].last is None
        assert Entry.objects.filter(verb="alert.uncall").count() == 1
        actions.take_back_call(call=call, by=cora)
        assert Entry.objects.filter(verb="alert.uncall").count() == 1

    def test_is_for_the_last_only(self, out, haven, cora):
        first, last = note(out, haven, cora), note(out, haven, cora, "reached")
        with pytest.raises(ValidationError):
            actions.take_back_call(call=first, by=cora)
        actions.take_back_call(call=last, by=cora)
        assert actions.take_back_call(call=first, by=cora).taken_back_at

    def test_is_for_coordinators_only(self, out, haven, cora, asha):
        call = note(out, haven, cora)
        with pytest.raises(PermissionDenied):
            actions.take_back_call(call=call, by=asha)


class TestSetLadder:
    MINUTES = {"deputies_after": 10, "other_way_after": 20, "calls_after": 45}

    def test_keeps_it_for_the_network(self, durham, riverside, cora):
        actions.set_ladder(network=durham, by=cora, **self.MINUTES)
        actions.set_ladder(network=durham, by=cora, **{**self.MINUTES, "calls_after": 50})
        assert climbing.ladder_of(durham).calls_after == 50
        assert climbing.ladder_of(riverside).calls_after == 60
        entry = Entry.objects.filter(verb="ladder.edit").first()
        assert (entry.network_id, entry.details["calls_after"]) == (durham.pk, 50)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"deputies_after": 4},
            {"calls_after": 241},
            {"other_way_after": 10},
            {"other_way_after": 9},
            {"calls_after": 20},
        ],
    )
    def test_refuses_what_does_not_go_up(self, durham, cora, wrong):
        with pytest.raises(ValidationError):
            actions.set_ladder(network=durham, by=cora, **{**self.MINUTES, **wrong})
        assert not Ladder.objects.exists()

    @pytest.mark.parametrize("who", ["asha", "mia", "dara", "nora", "omar", "nell"])
    def test_is_for_its_coordinators_only(self, durham, who, request):
        with pytest.raises(PermissionDenied):
            actions.set_ladder(network=durham, by=request.getfixturevalue(who), **self.MINUTES)


class TestWhoSeesWhat:
    def test_steps_are_for_who_follows_the_alert_and_the_agencys_own_leads(  # noqa: PLR0917
        self, out, haven, cora, asha, dara, nora, mia, ben, otto, nell, faye, omar
    ):
        mine = {who: Step.objects.visible_to(who).exists() for who in (cora, asha, dara, nora, mia)}
        assert set(mine.values()) == {True}
        assert not any(Step.objects.visible_to(who).exists() for who in (ben, otto, nell, faye, omar))

    def test_a_lead_sees_none_of_another_agency(self, durham, cora, haven, harbour, mia, otto):
        listed(durham, cora, haven, harbour)
        assert {step.agency for step in Step.objects.visible_to(mia)} == {haven}

    def test_a_lead_who_may_not_know_of_the_alert_sees_no_step(self, durham, cora, asha, haven, mia):
        factories.released(durham, cora, haven, approver=asha, tlp=Alert.Tlp.AMBER, **NOW)
        assert Step.objects.visible_to(mia).exists()
        people.lapse(haven)
        assert not Step.objects.visible_to(mia).exists()

    def test_calls_and_minutes_are_for_who_runs_or_audits_the_network(  # noqa: PLR0917
        self, out, haven, durham, cora, asha, dara, nora, mia, nell, riverside, omar
    ):
        note(out, haven, cora)
        Ladder.objects.create(network=durham)
        rita = person("Rita Vale", "coordinator", riverside)
        for model in (Call, Ladder):
            assert all(model.objects.visible_to(who).exists() for who in (cora, asha, dara))
            assert not any(model.objects.visible_to(who).exists() for who in (nora, mia, nell, rita, omar))

    def test_nobody_sees_them_once_their_role_is_over(self, out, haven, cora):
        note(out, haven, cora)
        Appointment.objects.filter(person=cora).update(until_at="2026-01-01T00:00Z")
        assert not Call.objects.visible_to(cora).exists()
        assert not Step.objects.visible_to(cora).exists()
