"""Keeps a handful of processes running until it is told to stop, and leaves none behind."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from bootstrap.places import ROOT, log, shown
from bootstrap.watched import Watched

STEADY = 30.0  # seconds after which a process counts as running well again
LONGEST_WAIT = 30.0
PATIENCE = 10.0


@dataclass
class Part:
    """One process that is to be running: its name, its command, and how it has been doing."""

    name: str
    command: Sequence[str | Path]
    log: Path = field(init=False)
    process: Watched | None = None
    started: float = 0.0
    falls: int = 0
    due: float = 0.0

    def __post_init__(self) -> None:
        self.log = log(self.name)


class Supervisor:
    """Starts the parts, starts each again when it ends (with growing pauses), and stops them all together."""

    def __init__(self, parts: Sequence[Part], env: Mapping[str, str]) -> None:
        self.parts, self.env = parts, env
        self.stopping = False

    def run(self, ready: Callable[[], bool], announce: Callable[[], None]) -> None:
        """Run until SIGINT or SIGTERM; call `announce` once, when `ready` first says so."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._told_to_stop)
        announced = False
        try:
            while not self.stopping:
                for part in self.parts:
                    self._tend(part)
                if not announced and ready():
                    announced = True
                    announce()
                time.sleep(0.1)
        finally:
            self._stop()

    def _told_to_stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _tend(self, part: Part) -> None:
        now = time.monotonic()
        if part.process is None:
            if now >= part.due:
                part.process, part.started = Watched(part.command, log=part.log, env=self.env, folder=ROOT), now
            return
        code = part.process.ended()
        if code is None or self.stopping:
            return
        part.falls = 1 if now - part.started > STEADY else part.falls + 1
        pause = min(2.0 ** (part.falls - 1), LONGEST_WAIT)
        part.process, part.due = None, now + pause
        again = f"starting it again in {pause:.0f} s. See {shown(part.log)}."
        print(f"{part.name} stopped (code {code}); {again}", flush=True)

    def _stop(self) -> None:
        print("\nStopping …", flush=True)
        running = [part.process for part in self.parts if part.process]
        for process in running:
            process.ask()
        deadline = time.monotonic() + PATIENCE
        for process in running:
            process.stop(max(deadline - time.monotonic(), 0.1))
        print("Stopped.", flush=True)
