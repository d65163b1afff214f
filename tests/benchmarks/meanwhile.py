"""How long a page takes while a release goes out, beside the same page when there is nothing to do."""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable, Iterator

from accounts.models import User
from delivery import post
from delivery.models import Mailing
from network.models import Appointment
from tests.benchmarks import web
from tests.benchmarks.press import Crowd, release

IDLE, RUNS = 200, 3


def page_times(crowd: Crowd) -> dict[str, float]:
    """Milliseconds that 95 of 100 readings of the directory's page stay under."""
    reader = User.objects.get(pk=Appointment.objects.filter(agency__memberships__network=crowd[0]).first().person_id)
    with web.doors(reader) as doors:
        read = doors[web.PAGE]
        idle = [_took(read) for _ in range(IDLE)]
        busy = [took for _ in range(RUNS) for took in _while_sending(crowd, read)]
    return {"idle": _most(idle), "during": _most(busy), "pages read during": len(busy)}


def _while_sending(crowd: Crowd, read: Callable[[], object]) -> Iterator[float]:
    pressed: list[Mailing] = []
    pressing = threading.Thread(target=lambda: pressed.append(release(*crowd)))
    pressing.start()
    while not pressed or not post.progress(pressed[0]).finished:
        for _ in range(5):
            yield _took(read)
    pressing.join()


def _took(read: Callable[[], object]) -> float:
    started = time.perf_counter()
    read()
    return 1000 * (time.perf_counter() - started)


def _most(times: list[float]) -> float:
    return round(statistics.quantiles(times, n=20)[-1], 1)
