"""Waiting, counting and showing, for the benchmarks."""

from __future__ import annotations

import os
import re
import socket
import statistics
import threading
import time
from collections.abc import Callable, Set
from pathlib import Path

PATIENCE = 120.0


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


def memory(groups: Set[int]) -> float:
    """Megabytes in use by the processes of these sessions but not by those who watch over them, what they share counted
    once; 0 where /proc does not say."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            session = int((process / "stat").read_text().rpartition(")")[2].split()[3])
            if session in groups and session != int(process.name):
                found += int(re.search(r"^Pss:\s+(\d+)", (process / "smaps_rollup").read_text(), re.MULTILINE)[1])  # type: ignore[index]
        except (OSError, TypeError):
            continue
    return found / 1024


def heaviest(groups: Set[int], act: Callable[[], object]) -> float:
    """The most memory in use while this was done, looked at ten times a second."""
    most, is_over = [memory(groups)], threading.Event()

    def look() -> None:
        while not is_over.wait(0.1):
            most.append(memory(groups))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        act()
    finally:
        is_over.set()
        looking.join()
    return round(max(most), 1)


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


def cell(value: dict[str, float] | None, digits: int = 0) -> str:
    if not value:
        return "not installed"
    middle, least, most = (f"{value[name]:,.{digits}f}" for name in ("median", "least", "most"))
    return f"{middle} ({least}–{most})"


def say(words: str) -> None:
    print(words, flush=True)
