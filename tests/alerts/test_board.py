from __future__ import annotations

import pytest

from alerts import actions, board
from delivery.models import Delivery
from tests.alerts import factories
from tests.factories import person


@pytest.fixture
def out(durham, cora, haven, harbour, mia, ben, otto):
    return factories.released(durham, cora, haven, harbour)


def standings(alert, reader):
    return {s.agency: s for s in board.of(board.rows(alert, reader)).agencies}


class TestOf:
    def test_counts_people_and_agencies(self, out, cora, mia):
        actions.acknowledge(alert=out, by=mia)
        found = board.of(board.rows(out, cora))
        assert (found.people, found.acknowledged, found.percent, found.covered) == (3, 1, 33, 1)

    def test_has_the_agency_once_its_lead_acknowledged(self, out, cora, mia):
        actions.acknowledge(alert=out, by=mia)
        found = standings(out, cora)
        assert found["Haven House"].covered_at
        assert not found["Harbour Advice"].covered_at

    def test_has_the_agency_once_its_deputy_acknowledged(self, durham, cora, haven, mia):
        deputy = person("Dee Second", "deputy", haven)
        alert = factories.released(durham, cora, haven)
        actions.acknowledge(alert=alert, by=deputy)
        assert standings(alert, cora)["Haven House"].covered_at

    def test_does_not_have_the_agency_when_only_a_member_acknowledged(self, out, cora, ben):
        actions.acknowledge(alert=out, by=ben)
        found = standings(out, cora)["Haven House"]
        assert (found.acknowledged, found.covered_at) == (1, None)

    def test_never_says_all_before_all(self, durham, cora, haven):
        for number in range(200):
            person(f"P{number} Extra", "lead" if number else "member", haven)
        alert = factories.released(durham, cora, haven)
        alert.mailing.recipients.filter(role="lead").update(acknowledged_at="2026-11-22T08:00Z")
        assert board.of(board.rows(alert, cora)).percent == 99

    def test_is_empty_before_release(self, durham, cora, haven, mia):
        found = board.of(board.rows(factories.draft(durham, cora, haven), cora))
        assert (found.people, found.percent) == (0, 0)


class TestRows:
    @pytest.mark.parametrize(("who", "count"), [("cora", 3), ("asha", 3), ("dara", 3), ("nora", 3)])
    def test_are_everyone_for_those_who_run_or_watch(self, out, who, count, request):
        assert board.rows(out, request.getfixturevalue(who)).count() == count

    def test_are_the_leads_agency_and_a_members_own(self, out, mia, ben):
        assert set(board.rows(out, mia).values_list("person", flat=True)) == {mia.pk, ben.pk}
        assert set(board.rows(out, ben).values_list("person", flat=True)) == {ben.pk}

    @pytest.mark.parametrize("who", ["nell", "cal", "faye", "omar"])
    def test_are_none_for_others(self, out, who, request):
        assert not board.rows(out, request.getfixturevalue(who)).exists()

    def test_are_everyone_for_the_lead_who_wrote_it(self, durham, mia, cora, haven, harbour, otto):
        from alerts import release

        alert = factories.draft(durham, mia, haven, harbour)
        alert = actions.release(alert=alert, sheet=release.sheet(alert).fingerprint, by=cora)
        assert set(board.rows(alert, mia).values_list("person", flat=True)) == {mia.pk, otto.pk}


class TestByEmail:
    def test_says_what_became_of_it(self, out, cora):
        Delivery.objects.update(state=Delivery.State.FAILED)
        assert board.by_email(board.people(board.rows(out, cora))[0]) == "Failed"

    def test_is_empty_where_none_was_owed(self, out, cora):
        Delivery.objects.all().delete()
        assert board.by_email(board.people(board.rows(out, cora))[0]) == ""
