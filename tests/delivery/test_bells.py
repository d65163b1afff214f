from __future__ import annotations

import logging

from delivery import bells
from tests.servers import free_port


class TestRing:
    def test_asks_for_a_round_on_the_queue_of_the_urgency(self, rung):
        bells.ring("immediate")
        bells.ring("routine")
        assert [task for task, _, _ in rung("immediate")] == ["delivery.tasks.dispatch"]
        assert [task for task, _, _ in rung("routine")] == ["delivery.tasks.dispatch"]

    def test_a_broker_that_is_down_costs_a_line_in_the_log_and_not_the_release(self, broker, caplog):
        broker(f"redis://127.0.0.1:{free_port()}/0")
        with caplog.at_level(logging.WARNING):
            bells.ring("immediate")
        assert "bell_not_rung" in caplog.text
