from __future__ import annotations

import logging

import pytest
from celery import current_app

from delivery import carrier, ledger, tasks
from delivery.models import Delivery
from tests.delivery.factories import leads, released
from tests.servers import free_port


@pytest.fixture
def broker(monkeypatch):
    """Point Celery at another broker for one test, and let go of its kept connections."""

    def use(address: str) -> None:
        monkeypatch.setitem(current_app.conf, "broker_url", address)
        monkeypatch.setitem(current_app.conf, "broker_write_url", address)
        monkeypatch.setitem(current_app.conf, "broker_read_url", address)
        monkeypatch.setitem(current_app.conf, "broker_transport_options", {})
        forget()

    def forget() -> None:
        current_app._pool = None
        current_app.amqp._producer_pool = None

    yield use
    monkeypatch.undo()
    forget()


@pytest.fixture
def bells(broker):
    """What has been rung on a queue of a broker in memory."""
    broker("memory://")

    def rung(queue: str) -> list[tuple[str, list[str], str]]:
        found = []
        with current_app.connection_for_read() as connection, connection.SimpleQueue(queue) as waiting:
            while waiting.qsize():
                message = waiting.get_nowait()
                message.ack()
                found.append((message.headers["task"], message.payload[0], message.headers["expires"]))
        return found

    for queue in ("immediate", "routine"):
        rung(queue)
    return rung


class TestDispatch:
    @pytest.mark.parametrize(
        ("urgency", "queue"), [("immediate", "immediate"), ("priority", "routine"), ("routine", "routine")]
    )
    def test_rings_once_for_each_lease_with_a_fence_and_nothing_else(self, durham, mia, otto, bells, urgency, queue):
        released(durham, urgency=urgency)
        tasks.dispatch()
        ((task, arguments, expires),) = bells(queue)
        fences = set(Delivery.objects.values_list("fence", flat=True))
        assert (task, arguments) == ("delivery.tasks.deliver", [str(fences.pop())])
        assert expires  # a bell that is not answered in time is made good by another
        assert not fences

    def test_rings_for_nobody_when_nothing_is_due(self, db, bells):
        tasks.dispatch()
        assert bells("immediate") == bells("routine") == []

    def test_takes_arguments_it_does_not_know(self, db, bells):
        tasks.dispatch(added_by_a_later_version=True)


class TestDeliver:
    def test_sends_and_rings_for_what_comes_next(self, durham, bells, mail_server, monkeypatch):
        monkeypatch.setattr(carrier, "WINDOW", 1)
        monkeypatch.setattr(ledger, "FIRST", 2)
        monkeypatch.setattr(ledger, "CHUNK", 2)
        leads(durham, 4)
        released(durham)
        tasks.dispatch()
        while rung := bells("immediate"):
            for _, arguments, _ in rung:
                tasks.deliver(*arguments, added_by_a_later_version=True)
        assert len(mail_server.accepted) == 4

    def test_answers_a_bell_for_nothing_with_nothing(self, db, bells):
        tasks.deliver("0199a000-0000-7000-8000-000000000001")
        assert bells("immediate") == []


class TestRing:
    def test_asks_for_a_round_on_the_queue_of_the_urgency(self, bells):
        tasks.ring("immediate")
        tasks.ring("routine")
        assert [task for task, _, _ in bells("immediate")] == ["delivery.tasks.dispatch"]
        assert [task for task, _, _ in bells("routine")] == ["delivery.tasks.dispatch"]

    def test_a_broker_that_is_down_costs_a_line_in_the_log_and_not_the_release(self, broker, caplog):
        broker(f"redis://127.0.0.1:{free_port()}/0")
        with caplog.at_level(logging.WARNING):
            tasks.ring("immediate")
        assert "bell_not_rung" in caplog.text
