"""A worker or a beat of Lantern's own, for which waiting is shorter, and which may die at named points.

python -m tests.faults.process worker … · beat …

`FAULT_POINTS` names functions of the ledger and how often, of a thousand calls, the process is killed (`kill -9`) just
before or just after: `begin:after:5 record:before:5`. Nothing else of the product is changed: waiting times only.
"""

from __future__ import annotations

import datetime as dt
import functools
import os
import random
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

django.setup()

from celery.signals import worker_process_init  # noqa: E402
from django.conf import settings  # noqa: E402

from config.celery import app  # noqa: E402
from delivery import bells, breakers, carrier, ledger  # noqa: E402
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
app.conf.beat_schedule = {"dispatch": {**app.conf.beat_schedule["dispatch"], "schedule": 1.0}}
chance = random.Random(os.getpid())


@worker_process_init.connect
def _own_chances(**_: Any) -> None:
    """A child that was forked would otherwise die where its brother did."""
    chance.seed(os.getpid())


def die_at(name: str, when: str, often: int) -> None:
    """Let this process be killed at a point, so often of a thousand times."""
    whole: Callable[..., Any] = getattr(ledger, name)

    @functools.wraps(whole)
    def mortal(*args: Any, **kwargs: Any) -> Any:
        fatal = chance.randrange(1000) < often
        if fatal and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = whole(*args, **kwargs)
        if fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    setattr(ledger, name, mortal)


if __name__ == "__main__":
    for point in os.environ.get("FAULT_POINTS", "").split():
        where, moment, number = point.split(":")
        die_at(where, moment, int(number))
    app.start(sys.argv[1:])
