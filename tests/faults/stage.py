"""Everything that a running platform has, as processes of its own that can be made to die."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

import psycopg

from bootstrap.places import ROOT
from bootstrap.watched import Watched
from tests.faults import mail
from tests.servers import Server, postgres_server, valkey_server

WORKER = [
    "worker",
    "-Q",
    "immediate,routine,upkeep",
    "-c",
    "2",
    "--without-gossip",
    "--without-mingle",
    "-l",
    "WARNING",
]
OVER = ("sent", "delivered", "failed", "bounced", "suppressed", "expired", "withdrawn")


class Row(NamedTuple):
    """One delivery, as the database has it."""

    address: str
    state: str
    possible_repeat: bool
    attempts: int
    finished: float
    detail: str


class Stage:
    """A database, a broker, a mail server, and as many workers and beats as a test starts."""

    _database: Server
    _broker: Server

    def __init__(self, env: dict[str, str], folder: Path, switch: mail.Switch) -> None:
        self.env, self.folder, self.switch = env, folder, switch
        self._broker_at = urlsplit(env["LANTERN_BROKER_URL"])
        self.workers: list[Watched] = []
        self.points = ""  # where workers die, or take their time
        self.beats: list[Watched] = []

    @property
    def _moment(self) -> str:
        """When a delivery ended, in seconds, as this database says it."""
        on_sqlite = self.env["LANTERN_DATABASE_URL"].startswith("sqlite")
        return "(julianday(d.finished_at) - 2440587.5) * 86400" if on_sqlite else "extract(epoch FROM d.finished_at)"

    @property
    def mail(self) -> mail.Mail:
        return self.switch.mail

    def scene(self, *words: str, of: str = "tests.delivery.scene") -> dict[str, Any]:
        """What the product itself does, in another process: see the module."""
        command = [sys.executable, "-m", of, *words]
        done = subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    def start_worker(self, points: str = "") -> None:
        self.points = points
        self.workers.append(self._process(f"worker{len(self.workers)}", WORKER, points))

    def start_beat(self) -> None:
        name = f"beat{len(self.beats)}"
        self.beats.append(self._process(name, ["beat", "-s", str(self.folder / name), "--pidfile="], ""))

    def kill_worker(self, number: int) -> None:
        """`kill -9` for the whole of it, and another in its place."""
        with suppress(ProcessLookupError):
            os.killpg(self.workers[number].pid, signal.SIGKILL)
        self.workers[number].stop()
        self.workers[number] = self._process(f"worker{number}", WORKER, self.points)

    def kill_child(self, number: int, which: int) -> None:
        """`kill -9` for one child of a worker; the worker starts another."""
        found = _below(self.workers[number].pid)
        children = [child for child in found if _below(child) == [] and child != self.workers[number].pid]
        with suppress(ProcessLookupError):  # it may have ended by itself
            if children:
                os.kill(children[which % len(children)], signal.SIGKILL)

    def kill_beat(self, number: int) -> None:
        os.killpg(self.beats[number].pid, signal.SIGKILL)
        self.beats[number].stop()
        name = f"beat{number}"
        self.beats[number] = self._process(name, ["beat", "-s", str(self.folder / name), "--pidfile="], "")

    def deploy(self) -> None:
        """Ask each worker to end, as a deployment does, and start new ones."""
        for worker in self.workers:
            worker.stop(patience=15)
        self.workers = [self._process(f"worker{number}", WORKER, self.points) for number in range(len(self.workers))]

    def flush(self) -> None:
        """FLUSHALL."""
        with socket.create_connection((self._broker_at.hostname, self._broker_at.port), timeout=5) as line:
            line.sendall(b"FLUSHALL\r\n")
            assert line.recv(16).startswith(b"+OK")

    def broker_dies(self) -> None:
        """… with all that it held, and comes back empty."""
        self._broker.crash()
        time.sleep(1)
        self._broker.come_back()

    def broker_stands_still(self, seconds: float = 3) -> None:
        self._broker.pause(seconds)

    def database_dies(self) -> None:
        """… in the middle of everything, and comes back with what was committed."""
        self._database.crash()
        time.sleep(0.5)
        self._database.come_back()

    def mail_is_gone(self, seconds: float = 3) -> None:
        """Nobody listens at the mail server's address."""
        self.switch.off()
        time.sleep(seconds)
        self.switch.on()

    def stop(self) -> None:
        for process in (*self.beats, *self.workers):
            process.stop(patience=2)

    def states(self) -> Counter[str]:
        """How many deliveries are in each state; empty while the database cannot say."""
        try:
            return Counter(dict(self.ask("SELECT state, count(*) FROM delivery_delivery GROUP BY state")))
        except (psycopg.OperationalError, sqlite3.OperationalError):
            return Counter()

    def rows(self) -> list[Row]:
        """Every delivery."""
        found = self.ask(
            f"SELECT p.email, d.state, d.possible_repeat, d.attempts, {self._moment}, d.detail"
            " FROM delivery_delivery d JOIN delivery_recipient r ON r.id = d.recipient_id"
            " JOIN accounts_user p ON p.id = r.person_id"
        )
        return [Row(row[0], row[1], row[2], row[3], float(row[4] or 0), row[5]) for row in found]

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database answers, on a connection of its own."""
        where = urlsplit(self.env["LANTERN_DATABASE_URL"])
        if where.scheme == "sqlite":
            with closing(sqlite3.connect(where.path.removeprefix("/"), timeout=30)) as line:
                return line.execute(sql).fetchall()
        host = unquote(where.netloc.rpartition("@")[2])
        with psycopg.connect(host=host, user="lantern", dbname="lantern", autocommit=True) as line:
            return line.execute(sql).fetchall()

    def keep_up(self) -> None:
        """Start again what ended by itself, as whatever runs the workers does: Celery gives up when Redis goes at the
        wrong moment."""
        for number, worker in enumerate(self.workers):
            if worker.ended() is not None:
                self.kill_worker(number)

    def settled(self) -> bool:
        """Whether nothing is owed any more."""
        self.keep_up()
        states = self.states()
        return bool(states) and not set(states) - set(OVER)

    def _process(self, name: str, words: list[str], points: str) -> Watched:
        env = {**self.env, "FAULT_POINTS": points}
        command = [sys.executable, "-m", "tests.faults.process", *words]
        return Watched(command, log=self.folder / f"{name}.log", env=env, folder=ROOT)


@contextmanager
def stage(folder: Path, seed: int, *, calm: bool = False, **more: str) -> Iterator[Stage]:
    """An empty one: PostgreSQL that keeps what it committed, a Redis-protocol server that keeps nothing. `more` are
    further settings."""
    with ExitStack() as stack:
        switch = stack.enter_context(mail.running(seed, calm=calm))
        database = stack.enter_context(postgres_server(fsync="on", synchronous_commit="on", full_page_writes="on"))
        broker = stack.enter_context(valkey_server())
        made = Stage(_settings(folder, switch, database.url, broker.url) | _named(more), folder, switch)
        made._database, made._broker = database, broker
        stack.callback(made.stop)
        yield made


@contextmanager
def on_files(folder: Path, seed: int, **more: str) -> Iterator[Stage]:
    """An empty one without any server: SQLite, and bells in a folder."""
    with mail.running(seed) as switch:
        settings = _settings(folder, switch, f"sqlite:///{folder}/lantern.sqlite3", "filesystem://")
        made = Stage(settings | _named(more), folder, switch)
        try:
            yield made
        finally:
            made.stop()


def _settings(folder: Path, switch: mail.Switch, database: str, broker: str) -> dict[str, str]:
    settings = {
        "MODE": "test",
        "DATABASE_URL": database,
        "BROKER_URL": broker,
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(switch.mail.port),
        "VAR": str(folder),
    }
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LANTERN_")}
    return {**clean, **_named(settings), "DJANGO_SETTINGS_MODULE": "config.settings"}


def _named(settings: dict[str, str]) -> dict[str, str]:
    return {f"LANTERN_{name}": value for name, value in settings.items()}


def until(done: Callable[[], bool], patience: float, what: Callable[[], object] = str) -> None:
    """Wait for it. Fails with what there is instead."""
    deadline = time.monotonic() + patience
    while not done():
        assert time.monotonic() < deadline, f"it did not happen in time: {what()}"
        time.sleep(0.2)


def _below(parent: int) -> list[int]:
    """All processes below this one."""
    listed = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True, check=False)
    children = [int(word) for word in listed.stdout.split()]
    return children + [below for child in children for below in _below(child)]
