from __future__ import annotations

import pytest

from delivery import carrier, ledger, tasks
from delivery.models import Delivery
from tests.delivery.factories import leads, released


class TestDispatch:
    @pytest.mark.parametrize(
        ("urgency", "queue"), [("immediate", "immediate"), ("priority", "routine"), ("routine", "routine")]
    )
    def test_rings_once_for_each_lease_with_a_fence_and_nothing_else(self, durham, mia, otto, rung, urgency, queue):
        released(durham, urgency=urgency)
        tasks.dispatch()
        ((task, arguments, expires),) = rung(queue)
        fences = set(Delivery.objects.values_list("fence", flat=True))
        assert (task, arguments) == ("delivery.tasks.deliver", [str(fences.pop())])
        assert expires  # a bell that is not answered in time is made good by another
        assert not fences

    def test_rings_for_nobody_when_nothing_is_due(self, db, rung):
        tasks.dispatch()
        assert rung("immediate") == rung("routine") == []

    def test_takes_arguments_it_does_not_know(self, db, rung):
        tasks.dispatch(added_by_a_later_version=True)


class TestDeliver:
    def test_sends_and_rings_for_what_comes_next(self, durham, rung, mail_server, monkeypatch):
        monkeypatch.setattr(carrier, "WINDOW", 1)
        monkeypatch.setattr(ledger, "FIRST", 2)
        monkeypatch.setattr(ledger, "CHUNK", 2)
        leads(durham, 4)
        released(durham)
        tasks.dispatch()
        while waiting := rung("immediate"):
            for _, arguments, _ in waiting:
                tasks.deliver(*arguments, added_by_a_later_version=True)
        assert len(mail_server.accepted) == 4

    def test_answers_a_bell_for_nothing_with_nothing(self, db, rung):
        tasks.deliver("0199a000-0000-7000-8000-000000000001")
        assert rung("immediate") == []
