from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from network import actions, standing
from network.models import Appointment
from reports import duties
from tests import factories

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def texts(group):
    return [(task.text, task.note) for task in group.tasks]


class TestToAgree:
    def test_shows_what_waits_for_a_second_yes_and_not_to_who_asked(self, omar, asha, cora, nora, durham):
        actions.invite(email="vic@durham.example", name="Vic Ames", role="auditor", place=durham, by=omar)
        for who, seen in ((asha, True), (nora, True), (omar, False), (cora, False)):
            assert bool(duties.to_agree(standing.of(who)).tasks) is seen, who

    def test_shows_nothing_of_another_network(self, omar, durham, riverside):
        actions.invite(email="vic@durham.example", name="Vic Ames", role="auditor", place=durham, by=omar)
        assert not duties.to_agree(standing.of(factories.person("Rhys Bow", "approver", riverside))).tasks


class TestToAccept:
    def test_asks_the_successor_only(self, mia, ben, cora, haven):
        actions.ask_handover(leaver=mia, successor=ben, place=haven, by=cora)
        assert texts(duties.to_accept(standing.of(ben))) == [("What Mia Hughes leaves at Haven House", "Asked on")]
        for who in (mia, cora):
            assert not duties.to_accept(standing.of(who)).tasks


class TestTooFewLeads:
    def test_tells_of_none_one_and_all_away(self, cora, mia, ben, otto, haven, harbour, council_agency, riverbank):
        factories.person("Lena Fox", "deputy", haven)
        found = texts(duties.too_few_leads(standing.of(cora)))
        assert found == [("Darlington Borough Council", "It has no lead"), ("Harbour Advice", "It has one lead only")]
        now = timezone.now()
        for lead in Appointment.objects.filter(agency=haven, role__in=["lead", "deputy"]):
            actions.cover(
                person=lead.person, stand_in=ben, agency=haven, from_at=now - DAY, until_at=now + DAY, by=cora
            )
        assert ("Haven House", "Everybody who leads it is away") in texts(duties.too_few_leads(standing.of(cora)))

    def test_costs_the_same_for_many(self, cora, durham, django_assert_num_queries):
        here = standing.of(cora)
        for number in range(4):
            factories.AgencyFactory(name=f"Agency {number}", network=durham)
        with django_assert_num_queries(1):
            duties.too_few_leads(here)
