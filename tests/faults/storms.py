"""What dies, in an order and at moments that a seed chooses."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from tests.faults.stage import Stage


def kill(made: Stage, draw: random.Random) -> None:
    """`kill -9` for a worker's child, a whole worker or a beat."""
    worker, chance = draw.randrange(len(made.workers)), draw.random()
    if chance < 0.6:
        made.kill_child(worker, draw.randrange(4))
    elif chance < 0.9:
        made.kill_worker(worker)
    else:
        made.kill_beat(draw.randrange(len(made.beats)))


def storm(made: Stage, seed: int, kills: int, pause: tuple[float, float]) -> None:
    """So many kills, and every server dies once."""
    draw = random.Random(seed)
    others = [made.flush, made.broker_dies, made.broker_stands_still, made.database_dies, made.mail_is_gone]
    deeds: list[Callable[[], None]] = [*others, *([lambda: kill(made, draw)] * kills)]
    draw.shuffle(deeds)
    for deed in deeds:
        time.sleep(draw.uniform(*pause))
        deed()
