from __future__ import annotations

import pytest
from django.test import Client

from alerts import actions
from audit.models import Entry
from delivery.models import Recipient
from tests.alerts.factories import CONTENT, released
from tests.api.conftest import problem
from tests.factories import sign_in

pytestmark = pytest.mark.django_db
HERE = "/api/v1/alerts"


def references(answer) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {row["reference"] for row in answer.json()["results"]}


class TestAlerts:
    def test_gives_those_sent_to_the_reader(self, world, browse, mia, otto, ottos):
        both = {world["open"].reference, world["withheld"].reference}
        assert references(browse(mia).get(HERE)) == references(browse(otto).get(HERE)) == both
        assert references(ottos.get(HERE)) == both

    def test_gives_nothing_to_whom_nothing_was_sent(self, world, browse, nell, cora, asha, cal, faye, dara, nora, omar):  # noqa: PLR0917
        for person in (nell, cora, asha, cal, faye, dara, nora, omar):
            assert not references(browse(person).get(HERE)), person

    def test_gives_a_key_the_text_of_what_may_travel(self, world, ottos):
        facts = ottos.get(f"{HERE}/{world['open'].reference}").json()
        assert (facts["title"], facts["text"]) == (CONTENT["title"], CONTENT["text"])

    def test_gives_a_key_the_marking_and_a_link_of_what_may_not(self, world, ottos):
        for address in (HERE, f"{HERE}/{world['withheld'].reference}"):
            answer = ottos.get(address)
            facts = answer.json().get("results", [answer.json()])[0]
            assert facts["reference"] == world["withheld"].reference
            assert (facts["classification"], facts["tlp"]) == ("OFFICIAL-SENSITIVE", "AMBER+STRICT")
            assert facts["url"].endswith(f"/alerts/{facts['reference']}/")
            assert {facts[name] for name in ("title", "severity", "certainty")} == {None}
        assert {facts[name] for name in ("text", "instruction", "handling")} == {None}
        assert CONTENT["text"].encode() not in answer.content

    def test_gives_a_person_the_text_that_stays_behind_sign_in(self, world, browse, otto):
        assert browse(otto).get(f"{HERE}/{world['withheld'].reference}").json()["text"] == CONTENT["text"]

    def test_keeps_the_text_of_what_was_withdrawn(self, world, browse, otto, ottos, cora):
        actions.withdraw(alert=world["open"], reason="Sent by mistake", by=cora)
        for client in (browse(otto), ottos):
            facts = client.get(f"{HERE}/{world['open'].reference}").json()
            assert facts["withdrawn_at"]
            assert facts["text"] is None

    def test_refuses_what_was_not_sent_like_what_is_not_there(self, world, browse, nell, cora):
        absent = problem(browse(nell).get(f"{HERE}/DUR-2026-9999"), 404)
        assert problem(browse(nell).get(f"{HERE}/{world['open'].reference}"), 404) == absent

    def test_costs_the_same_for_any_number(self, world, durham, cora, otto, harbour, ottos, django_assert_num_queries):
        with django_assert_num_queries(3):  # the key, where it stands, its alerts
            ottos.get(HERE)
        for _ in range(3):
            released(durham, cora, harbour)
        with django_assert_num_queries(3):
            ottos.get(HERE)

    def test_reading_acknowledges_nothing(self, world, browse, otto):
        before = list(Recipient.objects.order_by("pk").values()), Entry.objects.count()
        client = browse(otto)
        for address in (HERE, f"{HERE}/{world['open'].reference}", f"{HERE}/{world['open'].reference}/acknowledge"):
            client.get(address)
            client.head(address)
            client.options(address)
        assert (list(Recipient.objects.order_by("pk").values()), Entry.objects.count()) == before


class TestAcknowledge:
    @pytest.fixture
    def alert(self, durham, cora, haven, harbour, mia, otto):
        return released(durham, cora, haven, harbour)

    @pytest.fixture
    def address(self, alert) -> str:
        return f"{HERE}/{alert.reference}/acknowledge"

    def test_acknowledges_once(self, address, browse, otto):
        client = browse(otto)
        first = client.post(address)
        assert first.status_code == 200
        assert first.json()["acknowledged_at"]
        assert client.post(address).json() == first.json()
        assert Entry.objects.filter(verb="alert.acknowledge").count() == 1

    def test_asks_for_the_sites_token(self, address, otto):
        client = Client(enforce_csrf_checks=True)
        sign_in(client, otto)
        problem(client.post(address), 403)
        assert not Recipient.objects.filter(acknowledged_at__isnull=False).exists()

    def test_refuses_a_key(self, address, ottos):
        assert "person" in problem(ottos.post(address), 403)["detail"]

    def test_refuses_nobody(self, address):
        problem(Client().post(address), 401)

    def test_refuses_whom_it_was_not_sent_to(self, address, browse, cora, nell):
        problem(browse(cora).post(address), 403)
        problem(browse(nell).post(address), 404)

    def test_says_why_after_withdrawal(self, alert, address, browse, otto, cora):
        actions.withdraw(alert=alert, reason="Sent by mistake", by=cora)
        assert "withdrawn" in problem(browse(otto).post(address), 400)["detail"]
