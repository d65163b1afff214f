from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from delivery import breakers
from delivery.channels import CHANNELS
from tests.delivery.factories import leads
from tests.delivery.ledger_machine import Line, Post


@pytest.mark.django_db
class TestTheStates:
    @pytest.mark.parametrize("examples", [25, pytest.param(1500, marks=[pytest.mark.deep, pytest.mark.timeout(3600)])])
    def test_lose_nobody_and_repeat_nothing_without_saying_so(self, durham, mia, ben, examples, monkeypatch):
        for way in set(CHANNELS) - {"email"}:
            monkeypatch.delitem(CHANNELS, way)
        monkeypatch.setattr("delivery.carrier.channel", lambda _: Line)
        monkeypatch.setattr("delivery.ledger.channel", lambda _: Line)
        monkeypatch.setattr(breakers, "PATIENCE", 10_000)
        monkeypatch.setattr("delivery.ledger.CHUNK", 3)
        leads(durham, 3)
        Post.network = durham
        checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
        run_state_machine_as_test(
            Post,
            settings=settings(
                max_examples=examples,
                stateful_step_count=15,
                deadline=None,
                suppress_health_check=checks,
                phases=[Phase.explicit, Phase.generate],
            ),
        )
