from __future__ import annotations

import pytest
from celery import current_app

from tests.delivery import notify as fake
from tests.delivery import smtp


@pytest.fixture(params=[False, True], ids=["step by step", "pipelined"])
def mail_server(request, settings):
    """A real SMTP server that the settings point to, with and without pipelining."""
    with smtp.running(request.param) as server:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = 5
        yield server


@pytest.fixture
def notify(settings):
    """A server that stands in for GOV.UK Notify, which the settings point to."""
    with fake.running() as server:
        settings.NOTIFY_KEY, settings.NOTIFY_TEMPLATE, settings.NOTIFY_URL = fake.KEY, fake.TEMPLATE, server.url
        yield server


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
def rung(broker):
    """What has been rung on a queue of a broker in memory."""
    broker("memory://")

    def on(queue: str) -> list[tuple[str, list[str], str]]:
        found = []
        with current_app.connection_for_read() as connection, connection.SimpleQueue(queue) as waiting:
            while waiting.qsize():
                message = waiting.get_nowait()
                message.ack()
                found.append((message.headers["task"], message.payload[0], message.headers["expires"]))
        return found

    for queue in ("immediate", "routine"):
        on(queue)
    return on
