"""Looking at real processes: who is in a group, whether it is gone, what a server answers."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable

import psutil


def descendants(pid: int) -> list[psutil.Process]:
    """Every process that `pid` started, and those they started."""
    return psutil.Process(pid).children(recursive=True)


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; a zombie is dead."""
    return [each for each in processes if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def until(happened: Callable[[], object], seconds: float = 30) -> bool:
    """Whether it happened within that time."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def fetch(address: str, host: str = "") -> tuple[int, str]:
    """The status and the text of a page; (0, "") when nobody answers."""
    request = urllib.request.Request(address, headers={"Host": host} if host else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()
    except OSError:
        return 0, ""
