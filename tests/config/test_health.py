from __future__ import annotations

import pytest
from django.db import connection

from config import health


class TestAlive:
    def test_answers_without_the_database(self, client):
        assert client.get("/healthz").content == b"ok"


@pytest.mark.django_db
class TestReady:
    def test_says_ok_and_no_more(self, client):
        answer = client.get("/readyz")
        assert (answer.status_code, answer.content) == (200, b"ok")

    def test_is_not_ready_without_the_newest_tables(self, client):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'alerts'")
        answer = client.get("/readyz")
        assert (answer.status_code, answer.content) == (503, b"not ok")

    def test_is_not_ready_without_the_broker(self, client, monkeypatch):
        for name in ("broker_url", "broker_write_url"):
            monkeypatch.setitem(health.current_app.conf, name, "redis://127.0.0.1:1/0")
        answer = client.get("/readyz")
        assert (answer.status_code, answer.content) == (503, b"not ok")


class TestServerError:
    def test_speaks_to_machines_as_a_problem_and_to_people_as_a_page(self, rf):
        from config.errors import server_error

        machine = server_error(rf.get("/api/v1/listings"))
        assert (machine.status_code, machine["Content-Type"]) == (500, "application/problem+json")
        assert server_error(rf.get("/")).content.startswith(b"<!doctype html>")
