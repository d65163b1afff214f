"""One release to 10,000 people, each with their own message, into a mail server that only counts.

Real PostgreSQL, real Redis-protocol broker, real worker processes. Beside it, on the same machine at the same time:
the limit (postfix's smtp-source, where it is installed), the usual way (a task for each recipient), and the writing of
the rows by `INSERT … SELECT` against `bulk_create`.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bootstrap.places import ROOT
from bootstrap.watched import Watched
from delivery import audience as audiences
from delivery import post
from delivery.channels import Item
from delivery.channels.letter import Letter
from delivery.models import Audience, Delivery, Mailing, Recipient
from network.models import Network
from tests.benchmarks.meanwhile import page_times
from tests.benchmarks.measuring import answers, cell, cpu, heaviest, say, spread, summary, until
from tests.benchmarks.naive import send_one
from tests.benchmarks.press import ALONE, Crowd, release
from tests.benchmarks.sink import ROUND_TRIP
from tests.delivery import factories
from tests.factories import NetworkFactory
from tests.servers import free_port

PEOPLE, FEW, RUNS = 10_000, 500, 3
WORKERS = 2
OURS, STEPWISE = "ours", "ours, server without pipelining"
USUAL = f"a task per recipient ({FEW:,} people)"
USUAL_KEPT = "the same, database connections kept"
LIMIT, LIMIT_C = "limit: smtp-source, same server", "limit: smtp-source into smtp-sink"
FAR = f"ours, server {ROUND_TRIP * 1000:.0f} ms away ({FEW:,} people)"
MEMORY = f"MB in use, {PEOPLE:,} and {10 * PEOPLE:,} people"
PAGE = "a page, ms for 95 of 100: idle, during"
SETS, BULK = "rows/s by INSERT … SELECT", "rows/s by bulk_create"


class SinkServer:
    """The counting mail server as a process."""

    def __init__(self, plain: int, pipelining: int, far: int) -> None:
        self.plain, self.pipelining, self.far = plain, pipelining, far

    def figures(self) -> dict[str, float]:
        """Count, first and last since this was last asked."""
        with socket.create_connection(("127.0.0.1", self.plain), timeout=5) as line, line.makefile("rwb") as talk:
            talk.readline()
            talk.write(b"COUNT\r\n")
            talk.flush()
            answer: dict[str, float] = json.loads(talk.readline())
            return answer


def run() -> dict[str, Any]:
    """Measure, print the table, and return the figures."""
    folder = Path(tempfile.mkdtemp(prefix="lantern-broadcast-"))
    try:
        ports = [free_port() for _ in range(3)]
        command = [sys.executable, "-m", "tests.benchmarks.sink", *map(str, ports)]
        sink = Watched(command, log=folder / "sink", folder=ROOT)
        try:
            until(lambda: all(answers(port) for port in ports))
            return measure(SinkServer(*ports), folder)
        finally:
            sink.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(sink: SinkServer, folder: Path) -> dict[str, Any]:
    many, few = network_of(PEOPLE, "BIG"), network_of(FEW, "FEW")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as a database in use has done by itself
    say(f"{PEOPLE:,} people in one network, {FEW:,} in another; {WORKERS} worker processes; {RUNS} runs of each.")
    say(f"Before the start {os.getloadavg()[0]:.1f} processes wanted the {os.cpu_count()} cores; medians (least–most).")
    figures: dict[str, Any] = {"people": PEOPLE, "load before the start": round(os.getloadavg()[0], 1)}
    with workers(sink.pipelining, folder) as group:
        warm(few, sink)
        figures[OURS] = summary([broadcast(many, sink, group) for _ in range(RUNS)])
    with workers(sink.plain, folder) as group:
        warm(few, sink)
        figures[STEPWISE] = summary([broadcast(many, sink, group) for _ in range(RUNS)])
        for name, keeps in ((USUAL, False), (USUAL_KEPT, True)):
            figures[name] = summary([one_task_each(few, sink, group, keeps=keeps) for _ in range(RUNS)])
    with workers(sink.far, folder) as group:
        warm(few, sink)
        figures[FAR] = summary([broadcast(few, sink, group) for _ in range(RUNS)])
    with workers(sink.pipelining, folder) as group:
        warm(few, sink)
        figures[PAGE] = page_times(many)
        sink.figures()
    figures[LIMIT] = limit(sink.plain)
    figures[LIMIT_C] = limit_in_c()
    figures[SETS], figures[BULK] = rows_per_second(many, in_sets), rows_per_second(many, in_bulk)
    figures[MEMORY] = [in_use(crowd, sink, folder) for crowd in (many, network_of(10 * PEOPLE, "ALL"))]
    figures["ratios"] = ratios(figures)
    show(figures)
    return figures


def network_of(count: int, prefix: str) -> Crowd:
    """A network with so many leads, and the rule that means all of them."""
    network = NetworkFactory(name=f"Network of {count}", prefix=prefix)
    factories.leads(network, count)
    return network, factories.audience(network)


def warm(crowd: Crowd, sink: SinkServer) -> None:
    """One release that is not counted: processes import, connect and cache."""
    mailing = release(*crowd)
    until(lambda: post.progress(mailing).finished)
    sink.figures()


def broadcast(crowd: Crowd, sink: SinkServer, group: Watched) -> dict[str, float]:
    """One release, from the moment it is pressed until the last row is closed."""
    before, started, own = cpu(group.pid), time.time(), time.process_time()
    mailing = release(*crowd)
    written, own = time.time(), time.process_time() - own
    until(lambda: post.progress(mailing).finished, pause=0.2)  # the sink says when the last came
    return counted(sink, mailing, started) | {
        "release answered, s": written - started,
        "app CPU s per 10k": (cpu(group.pid) - before + own) * 10_000 / post.progress(mailing).total,
    }


def one_task_each(crowd: Crowd, sink: SinkServer, group: Watched, *, keeps: bool) -> dict[str, float]:
    """The same rows, sent the usual way: with a database connection for each task, unless the worker keeps it."""
    before, started, own = cpu(group.pid), time.time(), time.process_time()
    with transaction.atomic():
        mailing = post.enclose(mailing=factories.mailing(crowd[0]), audience=crowd[1], only=None)
    for key in Delivery.objects.filter(mailing=mailing).values_list("pk", flat=True):
        send_one.apply_async(args=(key,), kwargs={"keeps_connection": keeps}, queue="immediate")
    own = time.process_time() - own
    until(lambda: post.progress(mailing).finished, pause=0.2)
    return counted(sink, mailing, started) | {"app CPU s per 10k": (cpu(group.pid) - before + own) * 10_000 / FEW}


def counted(sink: SinkServer, mailing: Mailing, started: float) -> dict[str, float]:
    """The sink's own account, which has to agree with the ledger."""
    seen, ledger = sink.figures(), post.progress(mailing)
    if not seen["count"] == ledger.sent == ledger.total:
        raise RuntimeError(f"The mail server counted {seen['count']}, the ledger says {ledger}.")
    first, last = seen["first"] - started, seen["last"] - started
    return {"recipients/s": seen["count"] / last, "first, s": first, "last, s": last}


def in_use(crowd: Crowd, sink: SinkServer, folder: Path) -> float:
    """Megabytes that the process that releases and new workers use at most, until everything is sent."""
    with workers(sink.pipelining, folder) as group:
        producer = Watched([sys.executable, "-c", ALONE, str(crowd[1].pk)], log=folder / "press", folder=ROOT)
        try:
            return heaviest({group.pid, producer.pid}, lambda: until(lambda: producer.ended() is not None))
        finally:
            producer.stop()


def limit(port: int) -> dict[str, float] | None:
    """How many messages of the same size a second postfix's generator manages: one session, one core, no ledger."""
    if not shutil.which("smtp-source"):
        return None
    return spread([{"recipients/s": smtp_source(port)} for _ in range(RUNS)], "recipients/s")


def limit_in_c() -> dict[str, float] | None:
    """The same into postfix's own sink, which costs less than ours."""
    if not shutil.which("smtp-sink"):
        return None
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="lantern-sink-") as folder:
        person = ["-u", "nobody"] if os.geteuid() == 0 else []
        sink = Watched(["smtp-sink", *person, f"127.0.0.1:{port}", "100"], log=Path(folder) / "log")
        try:
            until(lambda: answers(port))
            return limit(port)
        finally:
            sink.stop()


def smtp_source(port: int) -> float:
    mailing = factories.mailing(Network(name="Network"), released_at=timezone.now())
    size = len(
        Letter(mailing).fill(Item(1, mailing.pk, mailing.pk, "person1@lantern.example", "Person 1", "lead of Agency 1"))
    )
    words = ["-d", "-m", str(PEOPLE), "-s", "1", "-l", str(size), "-f", "a@b.example", "-t", "c@d.example"]
    started = time.monotonic()
    subprocess.run(["smtp-source", *words, f"inet:127.0.0.1:{port}"], check=True, capture_output=True)
    return PEOPLE / (time.monotonic() - started)


def rows_per_second(crowd: Crowd, write: Callable[[Network, Audience], None]) -> dict[str, float]:
    """Recipient and delivery rows written in a second, in a transaction that is then undone."""
    rates = []
    for _ in range(RUNS):
        with transaction.atomic():
            started = time.monotonic()
            write(*crowd)
            connection.check_constraints()  # what a commit would do
            rates.append({"rows/s": 2 * PEOPLE / (time.monotonic() - started)})
            transaction.set_rollback(True)
    return spread(rates, "rows/s")


def in_sets(network: Network, rule: Audience) -> None:
    post.enclose(mailing=factories.mailing(network), audience=rule, only=None)


def in_bulk(network: Network, rule: Audience) -> None:
    mailing = factories.mailing(network)
    mailing.deadline_at = "2099-01-01T00:00Z"  # type: ignore[assignment]
    mailing.save()
    people = [
        Recipient(mailing=mailing, person_id=row.person_id, agency_id=row.agency_id, role=row.role, reason=row.reason)
        for row in audiences.named(rule)
    ]
    Recipient.objects.bulk_create(people, batch_size=1000)
    made = (Delivery(recipient=row, mailing=mailing, channel="email", urgency=mailing.urgency) for row in people)
    Delivery.objects.bulk_create(made, batch_size=1000)


@contextmanager
def workers(port: int, folder: Path) -> Iterator[Watched]:
    """Celery as production starts it, with both queues."""
    words = ["worker", "-Q", "immediate,routine", "-c", str(WORKERS), "--without-gossip", "--without-mingle"]
    command = [sys.executable, "-m", "celery", "-A", "config.celery", *words, "--include", "tests.benchmarks.naive"]
    env = {**os.environ, "LANTERN_SMTP_HOST": "127.0.0.1", "LANTERN_SMTP_PORT": str(port)}
    group = Watched([*command, "-l", "WARNING"], log=folder / "worker", env=env, folder=ROOT)
    try:
        yield group
    except Exception:
        print((folder / "worker").read_text()[-3000:])
        raise
    finally:
        group.stop()


def ratios(figures: dict[str, Any]) -> dict[str, float | None]:
    """What is worth quoting, from medians."""

    def ratio(ours: dict[str, float], other: dict[str, float] | None) -> float | None:
        return float(f"{ours['median'] / other['median']:.3g}") if other else None

    ours, stepwise, usual, kept = (figures[name]["recipients/s"] for name in (OURS, STEPWISE, USUAL, USUAL_KEPT))
    return {
        "of smtp-source, same server": ratio(ours, figures[LIMIT]),
        "of smtp-source, without pipelining": ratio(stepwise, figures[LIMIT]),
        "of smtp-source into smtp-sink": ratio(ours, figures[LIMIT_C]),
        "times a task per recipient": ratio(ours, usual),
        "times the same, connections kept": ratio(ours, kept),
        "of connections by round trips": float(f"{figures[FAR]['recipients/s']['median'] * ROUND_TRIP / WORKERS:.3g}"),
        "a page during, times idle": float(f"{figures[PAGE]['during'] / figures[PAGE]['idle']:.3g}"),
        "rows, times bulk_create": ratio(figures[SETS], figures[BULK]),
        "memory for ten times as many": float(f"{figures[MEMORY][1] / figures[MEMORY][0]:.3g}"),
    }


COLUMNS = {"recipients/s": (0, 24), "first, s": (2, 20), "last, s": (2, 22), "app CPU s per 10k": (1, 22)}


def show(figures: dict[str, Any]) -> None:
    """The table: medians, with the least and most of the runs."""
    say(f"{'':<38}{''.join(f'{name:>{width}}' for name, (_, width) in COLUMNS.items())}")
    for name in (OURS, STEPWISE, FAR, USUAL, USUAL_KEPT):
        cells = (f"{cell(figures[name][key], digits):>{width}}" for key, (digits, width) in COLUMNS.items())
        say(f"{name:<38}{''.join(cells)}")
    for name in (LIMIT, LIMIT_C, SETS, BULK):
        say(f"{name:<38}{cell(figures[name]):>24}")
    say(f"{MEMORY:<38}{' and '.join(f'{most:.0f}' for most in figures[MEMORY]):>24}")
    say(f"{PAGE:<38}{' and '.join(f'{figures[PAGE][when]:.0f}' for when in ('idle', 'during')):>24}")
    for name, value in figures["ratios"].items():
        say(f"{name:<38}{'–' if value is None else value:>24}")
