"""A worker or a beat of Lantern's own, for which waiting is shorter, and which may die at named points.

python -m tests.faults.process worker … · beat …

`FAULT_POINTS` names functions and how often, of a thousand calls, the process is killed (`kill -9`) just before or just
after: `ledger.begin:after:5 climbing.take:before:once`. `once` is the first call of all, whichever process makes it. At
`climbing.take:before:slow` it takes up to half a second instead, so that others come in between. Nothing else of the
product is changed: waiting times only.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

from celery.signals import worker_process_init  # noqa: E402
from django.conf import settings  # noqa: E402

from alerts import climbing  # noqa: E402
from config.celery import app  # noqa: E402
from delivery import adding, bells, breakers, carrier, ledger  # noqa: E402
from delivery.channels import lines  # noqa: E402

SECONDS = {"WAITING_LEASE": 2, "SENDING_LEASE": 4}
ledger.AGAIN[:] = [dt.timedelta(seconds=second) for second in (0.5, 1, 1, 2, 2, 3)]
breakers.PAUSE = dt.timedelta(seconds=1)
carrier.PATIENCE = 1.0
lines.WHOLE_ANSWER = 3.0
settings.EMAIL_TIMEOUT = 2
for name, seconds in SECONDS.items():
    setattr(ledger, name, dt.timedelta(seconds=seconds))
bells.WAITING_LEASE = ledger.WAITING_LEASE
OFTEN = ("dispatch", "alerts that climb")
app.conf.beat_schedule = {name: {**app.conf.beat_schedule[name], "schedule": 1.0} for name in OFTEN}
MORTAL = {"ledger": ledger, "climbing": climbing, "adding": adding}
chance = random.Random(os.getpid())


@worker_process_init.connect
def _own_chances(**_: Any) -> None:
    """A child that was forked would otherwise die where its brother did."""
    chance.seed(os.getpid())


def spoil(where: str, when: str, often: str) -> None:
    """Let this process be killed, or take its time, at a point."""
    module, _, name = where.partition(".")
    whole: Callable[..., Any] = getattr(MORTAL[module], name)

    def meet() -> None:
        if often == "slow":
            time.sleep(chance.uniform(0, 0.5))
        elif is_its_turn(f"{where}.{when}", often):
            os.kill(os.getpid(), signal.SIGKILL)

    @functools.wraps(whole)
    def mortal(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            meet()
        done = whole(*args, **kwargs)
        if when == "after":
            meet()
        return done

    setattr(MORTAL[module], name, mortal)


def is_its_turn(point: str, often: str) -> bool:
    """Whether to die here now: so often of a thousand times, or once. Who does leaves a mark, and nobody does again."""
    if often != "once":
        return chance.randrange(1000) < int(often)
    try:
        Path(settings.VAR, f"died.{point}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


if __name__ == "__main__":
    for point in os.environ.get("FAULT_POINTS", "").split():
        spoil(*point.split(":"))
    app.start(sys.argv[1:])
