"""Whatever dies, nobody is lost: real processes, a seed, and the mail server's own list as the judge.

A slice runs each time; the long runs are `--deep`. Waiting times are shortened (`tests.faults.process`), nothing else.
"""

from __future__ import annotations

import random
import time

import pytest

from tests.faults.accounting import Account, account
from tests.faults.stage import Stage, on_files, stage, until
from tests.faults.storms import storm

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("servers")]
LEDGER = ("lease", "take", "begin", "record", "let_go", "sweep")  # every function that writes, and what is between them
POINTS = [f"ledger.{name}:{when}" for name in LEDGER for when in ("before", "after")]


def judge(made: Stage, people: int, patience: float) -> Account:
    """Wait until nothing is owed, then hold the ledger against the mail server."""
    until(made.settled, patience, made.states)
    found = account(made.rows(), made.mail.accepted, people)
    print(f"{found}, {dict(made.mail.did)}")
    assert not found.troubles, f"{found.troubles[:10]} of {len(found.troubles)}"
    assert all(made.mail.is_bad(row.address) for row in made.rows() if row.state == "failed")
    return found


def begun(made: Stage, people: int, points: str = "") -> None:
    """Released, with two workers and two beats at it."""
    assert made.scene("release", str(people)) == {"recipients": people}
    for _ in range(2):
        made.start_worker(points)
        made.start_beat()
    until(lambda: len(made.mail.accepted) > people // 20, 60, made.states)


class TestASlice:
    """What runs each time: some thirty seconds in which everything dies."""

    def test_everything_dies_and_nobody_is_lost(self, tmp_path):
        with stage(tmp_path, seed=4) as made:
            begun(made, 400)
            storm(made, seed=4, kills=3, pause=(0.1, 0.6))
            judge(made, 400, patience=90)


@pytest.mark.deep
@pytest.mark.timeout(3600)
class TestTheWhole:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_ten_thousand_and_twenty_kills(self, tmp_path, seed):
        with stage(tmp_path, seed) as made:
            begun(made, 10_000)
            storm(made, seed, kills=20, pause=(0.2, 1.2))
            judge(made, 10_000, patience=900)

    def test_without_any_set_up(self, tmp_path):
        """SQLite and bells in files, and as many workers and beats as that is not made for."""
        with on_files(tmp_path, seed=7) as made:
            begun(made, 400)
            draw = random.Random(7)
            for _ in range(8):
                time.sleep(draw.uniform(0.2, 1.0))
                draw.choice([made.kill_worker, made.kill_beat])(draw.randrange(2))  # a worker has no children here
            judge(made, 400, patience=300)


@pytest.mark.deep
@pytest.mark.timeout(600)
class TestEachFault:
    @pytest.fixture
    def made(self, tmp_path):
        with stage(tmp_path, seed=11) as made:
            yield made

    @pytest.fixture
    def calm(self, tmp_path):
        with stage(tmp_path, seed=12, calm=True) as made:
            yield made

    @pytest.mark.parametrize(
        "fault", ["flush", "broker_dies", "broker_stands_still", "database_dies", "mail_is_gone", "deploy"]
    )
    def test_by_itself_loses_nobody(self, calm, fault):
        begun(calm, 600)
        getattr(calm, fault)()
        judge(calm, 600, patience=120)

    def test_a_mail_server_that_does_everything_wrong_loses_nobody(self, made):
        begun(made, 1500)
        judge(made, 1500, patience=240)
        assert {"421", "450", "451", "452", "stall", "hang", "drop", "keep", "late", "drip"} <= set(made.mail.did)

    @pytest.mark.parametrize("point", POINTS)
    def test_a_process_that_dies_between_two_writes_loses_nobody(self, calm, point):
        begun(calm, 500, f"{point}:150")
        judge(calm, 500, patience=120)

    def test_who_is_dismissed_meanwhile_gets_nothing_afterwards(self, calm):
        begun(calm, 3000)
        calm.scene("dismiss", "500")
        judge(calm, 3000, patience=120)

    def test_what_is_withdrawn_meanwhile_is_sent_to_nobody_else(self, calm):
        begun(calm, 3000)
        calm.switch.off()  # or all would be sent while the withdrawal begins
        calm.scene("withdraw")
        calm.switch.on()
        found = judge(calm, 3000, patience=120)
        assert found.accepted < 3000

    def test_an_address_nobody_can_write_to_stops_nobody_else(self, calm):
        assert calm.scene("release", "50") == {"recipients": 50}
        calm.scene("poison")
        calm.start_worker()
        calm.start_beat()
        until(calm.settled, 60, calm.states)
        assert calm.states() == {"sent": 49, "failed": 1}
