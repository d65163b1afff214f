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
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction

from bootstrap.places import ROOT
from bootstrap.watched import Watched
from delivery import audience as audiences
from delivery import post, tasks
from delivery.models import Audience, Delivery, Mailing, Recipient
from network.models import Network
from tests.benchmarks.naive import send_one
from tests.delivery import factories
from tests.factories import NetworkFactory
from tests.servers import free_port

PEOPLE, FEW, RUNS = 10_000, 1_000, 3
WORKERS = 2
PATIENCE = 120.0


class SinkServer:
    """The counting mail server as a process."""

    def __init__(self, port: int) -> None:
        self.port = port

    def figures(self) -> dict[str, float]:
        """Count, first and last since this was last asked."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as line, line.makefile("rwb") as talk:
            talk.readline()
            talk.write(b"COUNT\r\n")
            talk.flush()
            answer: dict[str, float] = json.loads(talk.readline())
            return answer


def run() -> dict[str, Any]:
    """Measure, print the table, and return the figures."""
    folder = Path(tempfile.mkdtemp(prefix="lantern-broadcast-"))
    try:
        port = free_port()
        sink = Watched([sys.executable, "-m", "tests.benchmarks.sink", str(port)], log=folder / "sink", folder=ROOT)
        try:
            until(lambda: answers(port))
            return measure(SinkServer(port), folder)
        finally:
            sink.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def measure(sink: SinkServer, folder: Path) -> dict[str, Any]:
    many, few = network_of(PEOPLE, "BIG"), network_of(FEW, "FEW")
    say(f"{PEOPLE:,} people in one network, {FEW:,} in another; {WORKERS} worker processes; {RUNS} runs of each")
    with workers(sink.port, folder) as group:
        warm(few, sink)
        ours = [broadcast(many, sink, group) for _ in range(RUNS)]
        usual = [one_task_each(few, sink, group) for _ in range(RUNS)]
    limit = [smtp_source(sink.port) for _ in range(RUNS)] if shutil.which("smtp-source") else []
    sink.figures()
    figures = {
        "people": PEOPLE,
        "ours": summary(ours),
        f"a task per recipient ({FEW:,} people)": summary(usual),
        "smtp-source": spread([{"recipients/s": rate} for rate in limit], "recipients/s") if limit else None,
        "rows, INSERT … SELECT per second": rows_per_second(many, in_sets),
        "rows, bulk_create per second": rows_per_second(many, in_bulk),
    }
    figures["ratios"] = ratios(figures)
    show(figures)
    return figures


def network_of(count: int, prefix: str) -> tuple[Network, Audience]:
    """A network with so many leads, and the rule that means all of them."""
    network = NetworkFactory(name=f"Network of {count}", prefix=prefix)
    factories.leads(network, count)
    return network, factories.audience(network)


def warm(crowd: tuple[Network, Audience], sink: SinkServer) -> None:
    """One release that is not counted: processes import, connect and cache."""
    mailing = release(*crowd)
    until(lambda: post.progress(mailing).finished)
    sink.figures()


def release(network: Network, rule: Audience) -> Mailing:
    """What the action does: everything in one transaction, and a bell when it is committed."""
    with transaction.atomic():
        mailing = post.enclose(mailing=factories.mailing(network), audience=rule, only=None)
        transaction.on_commit(lambda: tasks.ring(mailing.urgency))
    return mailing


def broadcast(crowd: tuple[Network, Audience], sink: SinkServer, group: Watched) -> dict[str, float]:
    """One release, from the moment it is pressed until the last row is closed."""
    before, started, own = cpu(group.pid), time.time(), time.process_time()
    mailing = release(*crowd)
    written, own = time.time(), time.process_time() - own
    until(lambda: post.progress(mailing).finished, pause=0.05)
    return counted(sink, mailing, started) | {
        "release answered, s": written - started,
        "app CPU s per 10k": (cpu(group.pid) - before + own) * 10_000 / PEOPLE,
    }


def one_task_each(crowd: tuple[Network, Audience], sink: SinkServer, group: Watched) -> dict[str, float]:
    """The same rows, sent the usual way."""
    before, started, own = cpu(group.pid), time.time(), time.process_time()
    with transaction.atomic():
        mailing = post.enclose(mailing=factories.mailing(crowd[0]), audience=crowd[1], only=None)
    for key in Delivery.objects.filter(mailing=mailing).values_list("pk", flat=True):
        send_one.apply_async(args=(key,), queue="immediate")
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


def smtp_source(port: int) -> float:
    """How many messages of the same size a second the limit manages into the same sink: one session, one core."""
    command = [
        "smtp-source",
        "-d",
        "-m",
        str(PEOPLE),
        "-s",
        "1",
        "-l",
        "2300",
        "-f",
        "a@b.example",
        "-t",
        "c@d.example",
    ]
    started = time.monotonic()
    subprocess.run([*command, f"inet:127.0.0.1:{port}"], check=True, capture_output=True)
    return PEOPLE / (time.monotonic() - started)


def rows_per_second(crowd: tuple[Network, Audience], write: Callable[[Network, Audience], None]) -> dict[str, float]:
    """Recipient and delivery rows written in a second, in a transaction that is then undone."""
    rates = []
    for _ in range(RUNS):
        with transaction.atomic():
            started = time.monotonic()
            write(*crowd)
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


def cpu(group: int) -> float:
    """Seconds of processor time that the processes of this session have used; 0 where /proc does not say."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == group:
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def until(done: Callable[[], bool], pause: float = 0.1) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError("It did not finish in time.")
        time.sleep(pause)


def summary(runs: list[dict[str, float]]) -> dict[str, dict[str, float]]:
    return {name: spread(runs, name) for name in runs[0]}


def spread(runs: list[dict[str, float]], name: str) -> dict[str, float]:
    values = sorted(run[name] for run in runs)
    return {"median": round(statistics.median(values), 2), "least": round(values[0], 2), "most": round(values[-1], 2)}


def ratios(figures: dict[str, Any]) -> dict[str, float | None]:
    ours = figures["ours"]["recipients/s"]["median"]
    usual = figures[f"a task per recipient ({FEW:,} people)"]["recipients/s"]["median"]
    limit = figures["smtp-source"]
    sets, bulk = (figures[f"rows, {way} per second"]["median"] for way in ("INSERT … SELECT", "bulk_create"))
    return {
        "of smtp-source": round(ours / limit["median"], 3) if limit else None,
        "times a task per recipient": round(ours / usual, 1),
        "times bulk_create, rows": round(sets / bulk, 1),
    }


def show(figures: dict[str, Any]) -> None:
    """The table: medians, with the least and most of the runs."""

    def cell(value: dict[str, float] | None, digits: int = 0) -> str:
        return (
            f"{value['median']:,.{digits}f} ({value['least']:,.{digits}f}–{value['most']:,.{digits}f})"
            if value
            else "–"
        )

    say(f"{'way':<38}{'recipients/s':>24}{'first, s':>20}{'last, s':>22}{'app CPU s per 10k':>24}")
    for name in ("ours", f"a task per recipient ({FEW:,} people)"):
        row = figures[name]
        cells = (
            cell(row["recipients/s"]),
            cell(row["first, s"], 2),
            cell(row["last, s"], 2),
            cell(row["app CPU s per 10k"], 1),
        )
        say(f"{name:<38}{cells[0]:>24}{cells[1]:>20}{cells[2]:>22}{cells[3]:>24}")
    say(f"{'limit: smtp-source, one session':<38}{cell(figures['smtp-source']):>24}")
    for name in ("INSERT … SELECT", "bulk_create"):
        say(f"{'rows/s by ' + name:<38}{cell(figures[f'rows, {name} per second']):>24}")
    for name, value in figures["ratios"].items():
        say(f"{name:<38}{value if value is not None else 'smtp-source is not installed':>24}")


def say(words: str) -> None:
    print(words, flush=True)
