from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from alerts.models import Alert
from audit.visible import rule_of
from delivery.models import Recipient
from tests.alerts import factories
from tests.conftest import CAST
from tests.factories import UserFactory, appoint, fresh, join, lapse, sign

HIDDEN = {"title", "text", "instruction", "handling"}


@pytest.fixture
def out(durham, cora, haven, mia, ben):
    """Released to Haven House."""
    return factories.released(durham, cora, haven)


@pytest.fixture
def sensitive(durham, cora, asha, haven, mia, ben):
    """Released to Haven House; OFFICIAL-SENSITIVE."""
    return factories.released(durham, cora, haven, approver=asha, **factories.SENSITIVE)


@pytest.fixture
def cast(request):
    return {name: request.getfixturevalue(name) for name in CAST}


def seers(alert, cast):
    return {name for name, person in cast.items() if Alert.objects.visible_to(person).filter(pk=alert.pk).exists()}


def readers(alert, cast):
    found = {name for name, person in cast.items() if Alert.objects.readable_by(person).filter(pk=alert.pk).exists()}
    told = {name for name, p in cast.items() for a in Alert.objects.visible_to(p).filter(pk=alert.pk) if a.shown}
    assert found == told, "the mark on the row and the queryset are one rule"
    return found


class TestSeenBy:
    def test_shows_a_draft_to_those_who_run_or_watch_the_network(self, durham, cora, cast):
        alert = factories.draft(durham, cora)
        assert seers(alert, cast) == {"cora", "asha", "dara", "nora"}

    def test_shows_a_leads_draft_to_its_author_too(self, durham, cast, mia):
        assert seers(factories.draft(durham, mia), cast) == {"mia", "cora", "asha", "dara", "nora"}

    def test_shows_a_released_alert_to_its_recipients_and_not_to_otto_and_nell(self, out, cast):
        assert seers(out, cast) == {"mia", "ben", "cora", "asha", "dara", "nora"}

    def test_is_closed_before_release_to_those_it_is_for(self, durham, cora, haven, mia, cast):
        assert "mia" not in seers(factories.draft(durham, cora, haven), cast)

    def test_ends_when_the_reader_leaves_the_agency(self, out, mia):
        mia.appointments.update(until_at=Now())
        assert not Alert.objects.visible_to(mia).exists()

    def test_ends_when_the_reader_moves_to_another_agency(self, out, ben, harbour):
        ben.appointments.update(until_at=Now())
        appoint(ben, "lead", harbour)
        assert not Alert.objects.visible_to(ben).exists()

    def test_ends_when_the_agency_is_suspended_here_though_a_member_elsewhere(self, out, mia, haven, riverside):
        haven.memberships.update(suspended_at=Now())
        haven.memberships.create(network=riverside, from_at="2024-01-01T00:00Z")
        assert not Alert.objects.visible_to(mia).exists()

    def test_ends_for_an_author_who_no_longer_leads(self, durham, mia, haven):
        factories.draft(durham, mia)
        mia.appointments.update(until_at=Now())
        appoint(mia, "member", haven)
        assert not Alert.objects.visible_to(mia).exists()

    def test_keeps_networks_apart(self, out, riverside):
        other = UserFactory()
        for role in ("coordinator", "approver", "auditor"):
            appoint(other, role, riverside)
        assert not Alert.objects.visible_to(other).exists()

    def test_shows_a_key_with_the_scope_what_reached_its_agency(self, out, haven, mia, key):
        assert Alert.objects.visible_to(key(haven, mia, "alerts")).get() == out

    def test_shows_a_key_nothing_without_the_scope_or_of_another_agency(self, out, haven, harbour, mia, key):
        assert not Alert.objects.visible_to(key(haven, mia, "directory")).exists()
        assert not Alert.objects.visible_to(key(harbour, mia, "alerts")).exists()

    def test_shows_no_key_who_received_or_acknowledged(self, out, haven, mia, key):
        assert Recipient.objects.filter(agency=haven).exists()
        assert not Recipient.objects.visible_to(key(haven, mia, "directory", "alerts")).exists()

    def test_is_the_rule_the_one_way_out_uses(self):
        assert rule_of(Alert) is Alert.seen_by


class TestAgreement:
    """Without the agency's signature on the network's agreement, what is stricter than TLP:GREEN is closed to it."""

    def test_closes_a_strict_alert_to_its_recipients_when_it_lapses(self, sensitive, cast, durham):
        before = seers(sensitive, cast)
        durham.agreements.update(until_at=Now())
        assert before - seers(sensitive, cast) == {"mia", "ben"}
        assert not {"mia", "ben"} & readers(sensitive, cast)

    def test_leaves_an_open_alert_open(self, out, haven, cast):
        before = seers(out, cast)
        lapse(haven)
        assert seers(out, cast) == before == readers(out, cast)

    def test_opens_it_again_by_signing(self, sensitive, haven, durham, cast):
        before = readers(sensitive, cast)
        lapse(haven)
        sign(haven, durham)
        assert readers(sensitive, cast) == before

    def test_is_asked_of_the_network_the_alert_came_from(self, sensitive, haven, riverside, cast):
        lapse(haven)
        join(haven, riverside)
        assert not {"mia", "ben"} & seers(sensitive, cast)

    def test_is_asked_of_the_agency_it_reached_the_reader_at(self, sensitive, haven, harbour, ben, cast):
        appoint(ben, "member", harbour)
        lapse(haven)
        assert "ben" not in seers(sensitive, cast)

    def test_closes_it_to_the_agencys_keys(self, durham, cora, asha, haven, mia, key):
        alert = factories.released(durham, cora, haven, approver=asha, tlp=Alert.Tlp.AMBER)
        machine = key(haven, mia, "alerts")
        assert Alert.objects.visible_to(machine).filter(pk=alert.pk).exists()
        lapse(haven)
        assert not Alert.objects.visible_to(machine).exists()


class TestReadableBy:
    def test_opens_an_official_alert_to_everyone_who_sees_it(self, out, cast):
        assert readers(out, cast) == seers(out, cast)

    def test_hides_a_sensitive_body_from_the_auditor_and_the_nation(self, sensitive, cast):
        assert seers(sensitive, cast) - readers(sensitive, cast) == {"dara", "nora"}

    def test_opens_it_to_the_nation_with_a_fresh_second_factor_and_never_to_the_auditor(self, sensitive, cast):
        for person in (cast["dara"], cast["nora"]):
            fresh(person)
        assert seers(sensitive, cast) - readers(sensitive, cast) == {"dara"}

    def test_hides_a_red_body_from_those_not_named(self, durham, cora, asha, haven, mia, cast):
        alert = factories.released(durham, cora, haven, approver=asha, tlp=Alert.Tlp.RED)
        assert readers(alert, cast) == {"mia", "ben", "cora", "asha"}

    def test_hides_what_was_withdrawn_from_its_readers_but_not_that_it_was(self, out, cora, cast):
        from alerts import actions

        actions.withdraw(alert=out, reason="Sent in error", by=cora)
        assert "mia" in seers(out, cast)
        assert readers(out, cast) == {"cora", "asha"}

    def test_gives_a_key_no_body_that_is_withheld(self, out, sensitive, haven, mia, key):
        reader = key(haven, mia, "alerts")
        assert set(Alert.objects.visible_to(reader)) == {out, sensitive}
        assert set(Alert.objects.readable_by(reader)) == {out}


class TestShown:
    def test_is_empty_on_a_row_fetched_for_nobody(self, out):
        assert Alert.objects.get(pk=out.pk).shown == {}

    def test_holds_all_that_the_alert_says(self, out, mia):
        assert set(Alert.objects.visible_to(mia).get().shown) == HIDDEN


class TestConstraints:
    @pytest.mark.parametrize(
        "half",
        [
            {"submitted_at": Now()},
            {"returned_at": Now()},
            {"released_at": Now()},
            {"withdrawn_at": Now()},
        ],
    )
    def test_refuses_a_deed_without_a_doer(self, durham, cora, half):
        alert = factories.draft(durham, cora)
        with pytest.raises(IntegrityError), transaction.atomic():
            Alert.objects.filter(pk=alert.pk).update(**half)

    def test_refuses_release_without_a_mailing(self, durham, cora):
        alert = factories.draft(durham, cora)
        with pytest.raises(IntegrityError), transaction.atomic():
            Alert.objects.filter(pk=alert.pk).update(released_at=Now(), released_by=cora)

    def test_refuses_withdrawal_without_a_reason(self, out, cora):
        with pytest.raises(IntegrityError), transaction.atomic():
            Alert.objects.filter(pk=out.pk).update(withdrawn_at=Now(), withdrawn_by=cora)
