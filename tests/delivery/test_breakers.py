from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Now

from delivery import breakers, carrier
from delivery.models import Breaker, Delivery
from tests.delivery.factories import released
from tests.delivery.test_carrier import go, make_due
from tests.servers import free_port

SERVER = "mail.example:25"
CALLERS = 8


def fail_until_open() -> None:
    for _ in range(breakers.PATIENCE):
        breakers.failed(SERVER, "ConnectionRefusedError")


def wait_over() -> None:
    """As if the pause were over."""
    Breaker.objects.update(open_until=F("open_until") - 2 * breakers.PAUSE)


@pytest.mark.django_db
class TestLetsThrough:
    def test_an_unknown_server(self):
        assert breakers.room(SERVER, 8) == 8

    def test_until_five_failures_in_a_row(self):
        for _ in range(breakers.PATIENCE - 1):
            breakers.failed(SERVER, "refused")
            assert breakers.room(SERVER, 8) == 8
        breakers.failed(SERVER, "refused")
        assert breakers.room(SERVER, 8) == 0

    def test_not_what_failed_between_times_that_worked(self):
        for _ in range(breakers.PATIENCE):
            breakers.failed(SERVER, "refused")
            breakers.worked(SERVER)
        assert breakers.room(SERVER, 8) == 8

    def test_one_caller_in_each_pause(self):
        fail_until_open()
        wait_over()
        assert [breakers.room(SERVER, 8) for _ in range(4)] == [1, 0, 0, 0]
        wait_over()
        assert [breakers.room(SERVER, 8) for _ in range(4)] == [1, 0, 0, 0]

    def test_everybody_again_once_it_works(self):
        fail_until_open()
        breakers.worked(SERVER)
        assert [breakers.room(SERVER, 8) for _ in range(4)] == [8] * 4

    def test_other_servers_meanwhile(self):
        fail_until_open()
        assert breakers.room("other.example:25", 8) == 8


@pytest.mark.django_db
class TestFailed:
    def test_keeps_since_when_and_why(self):
        breakers.failed(SERVER, "first")
        since = Breaker.objects.get().failing_since
        breakers.failed(SERVER, "second")
        row = Breaker.objects.get()
        assert row.failing_since == since
        assert row.problem == "second"

    def test_is_forgotten_when_it_works(self):
        breakers.failed(SERVER, "first")
        breakers.worked(SERVER)
        row = Breaker.objects.get()
        assert (row.failures, row.failing_since, row.problem) == (0, None, "")


@pytest.mark.django_db
class TestWhileItIsOpen:
    @pytest.fixture
    def nobody_there(self, settings) -> str:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
        return f"127.0.0.1:{settings.EMAIL_PORT}"

    def test_no_tries_are_spent(self, durham, mia, nobody_there):
        released(durham)
        for _ in range(breakers.PATIENCE):
            make_due()
            go()
        spent = Delivery.objects.get().attempts
        for _ in range(3):
            make_due()
            assert carrier.dispatch() == []
        assert Delivery.objects.get().attempts == spent
        assert Delivery.objects.get().state == "queued"

    def test_one_lease_tries_and_everything_goes_once_it_works(self, durham, mia, otto, nobody_there, mail_server):
        released(durham)
        for _ in range(breakers.PATIENCE):
            breakers.failed(f"127.0.0.1:{mail_server.port}", "refused")
        assert carrier.dispatch() == []
        wait_over()
        go()
        assert len(mail_server.accepted) == 2
        assert breakers.room(f"127.0.0.1:{mail_server.port}", 8) == 8


@pytest.mark.django_db(transaction=True)
def test_one_probe_among_callers_that_race():
    if connection.vendor != "postgresql":
        pytest.skip("threads share the one connection of a database in memory")
    fail_until_open()
    Breaker.objects.update(open_until=Now())
    start, told = threading.Barrier(CALLERS), []

    def ask() -> None:
        start.wait()
        told.append(breakers.room(SERVER, 8))
        connection.close()

    callers = [threading.Thread(target=ask) for _ in range(CALLERS)]
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    assert sorted(told) == [0] * (CALLERS - 1) + [1]
