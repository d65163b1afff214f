from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from delivery import breakers, gate, metrics
from delivery.channels import channel
from delivery.models import Delivery
from tests.delivery.factories import leads, released

pytestmark = pytest.mark.django_db
TOKEN = "a-token-for-tests"


def values() -> dict[str, float]:
    lines = metrics.text().decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines if line[0] != "#")}


class TestText:
    def test_says_what_the_database_says(self, durham, mia, otto):
        released(durham)
        Delivery.objects.filter(recipient__person=mia).update(
            state="failed", finished_at=Now(), detail="550 mia@lantern.example"
        )
        Delivery.objects.filter(recipient__person=otto).update(due_at=Now() - dt.timedelta(minutes=2))
        for _ in range(breakers.PATIENCE):
            breakers.failed(channel("email").server(), "refused")
        gate.close("Wait")
        found = values()
        assert found['lantern_post_owed{channel="email",urgency="immediate"}'] == 1
        assert found['lantern_post_owed{channel="email",urgency="routine"}'] == 0
        assert found['lantern_post_stuck{channel="email",urgency="immediate"}'] == 1
        assert 120 <= found['lantern_post_oldest_seconds{channel="email",urgency="immediate"}'] < 180
        assert found['lantern_post_failed_last_hour{channel="email"}'] == 1
        assert found["lantern_post_breakers_open"] == 1
        assert found["lantern_post_held"] == 1

    def test_wakes_nobody_for_a_system_of_an_agency(self):
        for _ in range(breakers.PATIENCE):
            breakers.failed("hooks.example.org:443", "refused")
        assert values()["lantern_post_breakers_open"] == 0

    def test_says_nobody_and_no_network(self, durham, mia):
        released(durham)
        text = metrics.text().decode()
        for private in ("mia", "Mia", "DUR", "Durham", "lantern.example"):
            assert private not in text

    def test_takes_the_same_statements_for_any_number(self, durham):
        with CaptureQueriesContext(connection) as few:
            metrics.text()
        leads(durham, 5)
        released(durham)
        with CaptureQueriesContext(connection) as many:
            metrics.text()
        assert len(few) == len(many) == 4


class TestThePage:
    def test_is_absent_without_a_token(self, client, settings):
        settings.METRICS_TOKEN = ""
        assert client.get("/metrics").status_code == 404
        assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404

    @pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}])
    def test_is_shut_without_the_right_one(self, client: Client, settings, given):
        settings.METRICS_TOKEN = TOKEN
        answer = client.get("/metrics", headers=given)
        assert answer.status_code == 401
        assert answer.content == b""

    def test_opens_with_it(self, client: Client, settings):
        settings.METRICS_TOKEN = TOKEN
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
        assert b"lantern_post_held 0.0" in answer.content
        assert client.post("/metrics").status_code == 405
