from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts import actions, climbing
from alerts.models import Alert, Call, Ladder
from alerts.reasons import facts_of
from delivery import why
from delivery.models import Recipient
from tests import factories as people
from tests.alerts import factories
from tests.alerts.test_calling import listed
from tests.alerts.test_climbing import NOW, climbed
from tests.factories import AgencyFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def out(durham, cora, haven, mia):
    person("Dee Marsh", "deputy", haven)
    return listed(durham, cora, haven)


def page(client, alert, name="calls") -> str:
    return client.get(f"/alerts/{alert.reference}/{name}/").content.decode()


class TestTheBoard:
    def test_tells_how_far_it_has_come_and_what_comes_next(self, out, cora, browse):
        shown = page(browse(cora), out, "board")
        assert "are given the alert after 15 minutes" in shown
        for words in ("Given to 1 more person", "No number for a text message", "On the coordinator’s call list"):
            assert words in shown

    def test_names_an_agency_where_nobody_has_it(self, durham, cora, haven, mia, browse):
        alert = listed(durham, cora, haven, AgencyFactory(name="Empty Hall", network=durham))
        shown = page(browse(cora), alert, "board")
        assert "Empty Hall" in shown
        assert "Nobody else there to give it to" in shown

    def test_tells_a_lead_of_their_own_agency_only(self, durham, cora, haven, harbour, mia, otto, browse):
        alert = listed(durham, cora, haven, harbour)
        shown = page(browse(mia), alert, "board")
        assert "On the coordinator’s call list" in shown
        assert "Harbour Advice" not in shown
        assert "/calls/" not in shown

    def test_says_nothing_of_it_for_what_can_wait(self, durham, cora, haven, mia, browse):
        shown = page(browse(cora), factories.released(durham, cora, haven), "board")
        assert "Where it went" not in shown
        assert "given the alert after" not in shown

    def test_says_that_red_stays_with_whom_it_named(self, durham, cora, asha, haven, mia, browse):
        alert = factories.released(durham, cora, haven, approver=asha, tlp=Alert.Tlp.RED, **NOW)
        assert "nobody else is given the alert, because of its label" in page(browse(cora), alert, "board")

    def test_costs_the_same_for_many_as_for_one(self, durham, cora, browse):
        costs = []
        for number in (1, 6):
            agencies = [AgencyFactory(network=durham) for _ in range(number)]
            for agency in agencies:
                people.appoint(people.UserFactory(), "lead", agency)
            alert, client = listed(durham, cora, *agencies), browse(cora)
            page(client, alert, "board")
            with CaptureQueriesContext(connection) as asked:
                page(client, alert, "board")
            costs.append(len(asked))
        assert costs[0] == costs[1]


class TestTheReleaseSheet:
    def test_tells_where_it_would_go(self, durham, cora, haven, mia, browse):
        assert "on the coordinator’s call list after 60" in page(
            browse(cora), factories.draft(durham, cora, haven, **NOW), "release"
        )
        assert "call list" not in page(browse(cora), factories.draft(durham, cora, haven), "release")


class TestWhoWasGivenItLater:
    def test_reads_why_and_since_when(self, out, browse):
        dee = Recipient.objects.get(person__name="Dee Marsh").person
        assert "deputy lead of Haven House, where no lead had acknowledged it" in page(browse(dee), out, "why")
        assert "You have had it here since" in page(browse(dee), out, "why")
        assert "since its release" not in page(browse(dee), out, "why")
        mine = Recipient.objects.get(mailing=out.mailing, person=dee)
        assert why.ways(mine)[0].at == mine.added_at

    def test_is_named_among_those_who_can_see_it(self, out, cora, browse):
        assert "Dee Marsh" in page(browse(cora), out, "who")

    def test_could_not_see_it_before(self, durham, cora, haven, mia):
        dee = person("Dee Marsh", "deputy", haven)
        alert = factories.released(durham, cora, haven, roles=["lead"], **NOW)
        climbed(alert, 15)
        row = Recipient.objects.get(person=dee)
        alert.refresh_from_db()
        before = facts_of(alert, at=row.added_at - (row.added_at - alert.released_at) / 2)
        assert dee.pk not in before.people
        assert mia.pk in before.people
        assert dee.pk in facts_of(alert, at=row.added_at).people
        assert dee.pk in facts_of(alert).people


class TestTheCallList:
    def test_is_for_coordinators(self, out, cora, asha, mia, nell, browse):
        address = f"/alerts/{out.reference}/calls/"
        assert "Haven House" in page(browse(cora), out)
        assert browse(asha).get(address).status_code == 403
        assert browse(mia).get(address).status_code == 403
        assert browse(nell).get(address).status_code == 404

    def test_takes_a_note_and_takes_it_back(self, out, haven, cora, browse):
        client, address = browse(cora), f"/alerts/{out.reference}/calls/"
        answer = client.post(f"{address}{haven.pk}/", {"outcome": "no_answer"}, follow=True)
        assert "The agency stays on the list" in answer.content.decode()
        assert "No answer: Cora Bell" in page(client, out)
        client.post(f"{address}{Call.objects.get().pk}/take-back/")
        assert "(taken back)" in page(client, out)

    def test_e20_takes_back_no_note_by_the_address_of_another_alert(self, durham, out, haven, mia, cora, browse):
        actions.note_call(alert=out, agency=haven.pk, outcome="reached", by=cora)
        other, note = listed(durham, cora, haven), Call.objects.get()
        assert browse(cora).post(f"/alerts/{other.reference}/calls/{note.pk}/take-back/").status_code == 404
        note.refresh_from_db()
        assert note.taken_back_at is None

    def test_changes_nothing_by_reading(self, out, haven, cora, browse):
        address = f"/alerts/{out.reference}/calls/"
        assert browse(cora).get(f"{address}{haven.pk}/").status_code == 405
        browse(cora).get(address)
        assert not Call.objects.exists()

    def test_says_why_an_odd_press_did_nothing(self, out, harbour, cora, browse):
        address = f"/alerts/{out.reference}/calls/{harbour.pk}/"
        answer = browse(cora).post(address, {"outcome": "reached"}, follow=True)
        assert "not on the list" in answer.content.decode()
        assert browse(cora).post(f"/alerts/{out.reference}/calls/{harbour.pk}/take-back/").status_code == 404

    def test_warns_not_to_read_out_what_is_withheld(self, durham, cora, asha, haven, mia, browse):
        alert = listed(durham, cora, haven, approver=asha, tlp=Alert.Tlp.AMBER)
        assert "Do not read the alert out" in page(browse(cora), alert)

    def test_is_empty_in_words(self, out, mia, cora, browse):
        actions.acknowledge(alert=out, by=mia)
        assert "Nobody to call" in page(browse(cora), out)


class TestTheFirstPage:
    def home(self, browse, who) -> str:
        return browse(who).get("/").content.decode()

    def test_tells_the_coordinator_whom_to_call(self, out, haven, cora, browse):
        shown = self.home(browse, cora)
        assert "Agencies to call" in shown
        assert f"/alerts/{out.reference}/calls/" in shown
        assert "1 agency, on the call list since" in shown
        actions.note_call(alert=out, agency=haven.pk, outcome="no_answer", by=cora)
        assert "Agencies to call" in self.home(browse, cora)

    def test_says_nothing_once_each_was_reached(self, out, haven, cora, browse):
        call = actions.note_call(alert=out, agency=haven.pk, outcome="reached", by=cora)
        assert "Agencies to call" not in self.home(browse, cora)
        actions.take_back_call(call=call, by=cora)
        assert "Agencies to call" in self.home(browse, cora)

    def test_speaks_of_the_networks_one_coordinates_only(self, out, durham, riverside, browse):
        rita = person("Rita Vale", "coordinator", riverside)
        people.appoint(rita, "approver", durham)
        assert "Agencies to call" not in self.home(browse, rita)

    def test_says_nothing_to_others(self, out, asha, mia, riverside, browse):
        rita = person("Rita Vale", "coordinator", riverside)
        assert not any("Agencies to call" in self.home(browse, who) for who in (asha, mia, rita))


class TestTheMinutes:
    def test_are_asked_saved_and_shown(self, durham, cora, haven, mia, browse):
        client = browse(cora)
        assert 'value="15"' in client.get("/alerts/climbing/DUR/").content.decode()
        minutes = {"deputies_after": 7, "other_way_after": 20, "calls_after": 45}
        client.post("/alerts/climbing/DUR/", minutes)
        assert climbing.ladder_of(Ladder.objects.get().network).deputies_after == 7
        alert = factories.released(durham, cora, haven, **NOW)
        assert "after 7 minutes" in page(client, alert, "board")

    def test_are_refused_in_words(self, cora, browse):
        minutes = {"deputies_after": 30, "other_way_after": 20, "calls_after": 45}
        answer = browse(cora).post("/alerts/climbing/DUR/", minutes)
        assert "Each must come after the one before" in answer.content.decode()
        answer = browse(cora).post("/alerts/climbing/DUR/", {**minutes, "deputies_after": 1})
        assert answer.status_code == 200
        assert not Ladder.objects.exists()
