from __future__ import annotations

import datetime as dt

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from network.actions import joining as joins
from network.actions import succession
from network.models import Agreement, Signature
from tests.factories import appoint

pytestmark = pytest.mark.django_db
CLOSED = "Restricted things and AMBER alerts"


def said(client):
    return client.get("/").content.decode()


class TestAgreement:
    def test_asks_a_lead_to_sign_and_a_member_to_ask_a_lead(self, browse, mia, ben, haven):
        Signature.objects.filter(agency=haven).delete()
        assert f"{CLOSED} are closed to your agency. Sign the agreement" in said(browse(mia))
        assert f"{CLOSED} are closed to your agency. Ask a lead" in said(browse(ben))

    def test_says_when_it_closes_within_thirty_days(self, browse, mia, durham):
        moment = timezone.now() + dt.timedelta(days=12)
        Agreement.objects.filter(network=durham).update(until_at=moment)
        day = timezone.localtime(moment)
        assert f"{CLOSED} close on {day.day} {day:%B %Y} unless you sign" in said(browse(mia))
        Agreement.objects.filter(network=durham).update(until_at=moment + dt.timedelta(days=30))
        assert CLOSED not in said(browse(mia))

    def test_says_nothing_when_all_is_signed(self, browse, mia, cora, nell):
        for person in (mia, cora, nell):
            assert CLOSED not in said(browse(person))

    def test_tells_who_joins_where_the_list_is(self, browse, durham, cora):
        row = joins.start(network=durham, name="Harvest Trust", kind="charity", areas=[], email_domains=[], by=cora)
        appoint(cora, "member", row.agency)
        assert f"Harvest Trust is joining {durham.name}" in said(browse(cora))


class TestCoordinator:
    def test_reads_which_agencies_have_to_sign(self, browse, cora, haven, mia, harbour, otto):
        Signature.objects.filter(agency=haven).delete()
        groups = {group.title: group for group in browse(cora).get("/").context["groups"]}
        assert [task.text for task in groups["Agencies that have to sign the agreement"].tasks] == ["Haven House"]
        assert "Agencies that have to sign" not in said(browse(otto))

    def test_reads_which_agencies_join(self, browse, durham, cora, asha):
        joins.start(network=durham, name="Harvest Trust", kind="charity", areas=[], email_domains=[], by=cora)
        assert "Harvest Trust" in said(browse(cora))
        assert "Harvest Trust" not in said(browse(asha))


class TestPlans:
    def test_wait_for_the_agencies_own_lead(self, browse, durham, haven, harbour, mia, ben, otto, cora):
        succession.prepare(network=durham, ending=[haven], following=[harbour], new=[], by=cora)
        assert "A plan for Haven House waits for you" in said(browse(mia))
        assert "A plan for Harbour Advice waits for you" in said(browse(otto))
        assert "waits for you" not in said(browse(ben))


class TestNowhere:
    def test_tells_people_of_a_suspended_agency_whom_to_ask(self, browse, mia, ben, haven):
        assert "You have no role at present" not in said(browse(ben))
        haven.memberships.update(suspended_at=Now())
        assert "You have no role at present" in said(browse(mia))
