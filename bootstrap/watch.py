"""Runs one command and makes sure that it, and whatever it started, ends with the process that asked for it.

    python watch.py [--signal INT] [--as UID:GID] [--remove FOLDER] -- command …

The folder is removed when the command was asked to end, not when it died by itself. The asker holds the other end of
this process's standard input. When that closes, for whatever reason (`kill -9` included), the command is asked to stop
and shortly after that the whole process group is killed. Works wherever there are pipes and process groups; it needs
nothing of the checkout, so it runs as a plain file.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading

PATIENCE = 5.0  # seconds between asking and killing once the asker is gone


def main() -> int:
    """Run the command in this process group; return its exit code."""
    words = _words()
    asked = signal.Signals[f"SIG{words.signal}"]
    child = _start(words)
    stopped = threading.Event()

    def stop(_number: int, _frame: object) -> None:
        stopped.set()
        child.send_signal(asked)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    threading.Thread(target=_end_with_asker, args=(child, asked, words.remove), daemon=True).start()
    code = child.wait()
    if stopped.is_set():  # what died by itself may be wanted back, with what it had written down
        _remove(words.remove)
    return code if code >= 0 else 128 - code


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--signal", default="TERM")
    parser.add_argument("--as", dest="person")
    parser.add_argument("--remove", action="append", default=[])
    parser.add_argument("command", nargs="+")
    return parser.parse_args()


def _start(words: argparse.Namespace) -> subprocess.Popen[bytes]:
    if not words.person:
        return subprocess.Popen(words.command, stdin=subprocess.DEVNULL)
    user, group = (int(part) for part in words.person.split(":"))
    return subprocess.Popen(words.command, stdin=subprocess.DEVNULL, user=user, group=group, extra_groups=[], cwd="/")


def _end_with_asker(child: subprocess.Popen[bytes], asked: signal.Signals, folders: list[str]) -> None:
    while os.read(0, 1024):
        pass
    child.send_signal(asked)
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(PATIENCE)
    _remove(folders)
    os.killpg(0, signal.SIGKILL)


def _remove(folders: list[str]) -> None:
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
