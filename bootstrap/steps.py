"""Slow steps with a line of progress each, and troubles that end in one plain sentence."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from bootstrap.places import ROOT, log, shown

Counter = Callable[[str], bool]


class Trouble(Exception):  # noqa: N818 (not a fault of the program: something for a person to do)
    """Something a person must put right; its text is the one sentence they are shown."""


class Progress:
    """One line on the terminal that counts up while a step goes on; in a log file, its start and its end."""

    def __init__(self, title: str, total: int = 0) -> None:
        self.title, self.total, self.done = title, total, 0
        self.started = time.monotonic()
        self.live = sys.stdout.isatty()
        self._write(f"{title} …", end="" if self.live else "\n")

    def tick(self) -> None:
        """One more part of the step is done."""
        self.done += 1
        if self.live and self.total:
            self._write(f"\r{self.title} … {min(self.done, self.total)} of {self.total}", end="")

    def end(self, word: str = "done") -> None:
        """The step is over, well or not."""
        seconds = time.monotonic() - self.started
        line = f"{self.title}: {word} in {seconds:.1f} s"
        self._write(f"\r\033[K{line}" if self.live else line)

    def _write(self, text: str, end: str = "\n") -> None:
        print(text, end=end, flush=True)


def step(
    title: str,
    command: Sequence[str | Path],
    *,
    name: str,
    trouble: str | Callable[[str], str],
    env: Mapping[str, str] | None = None,
    counts: Counter | None = None,
    total: int = 0,
) -> None:
    """Run one slow command with its output kept in `var/log/<name>.log`.

    `counts` says which lines of output are progress, of `total`. Raises Trouble when the command fails or cannot be
    started: `trouble` is its sentence, or makes it from the whole output; the name of the log is added.
    """
    path = log(name)
    progress = Progress(title, total)
    try:
        code = _run(command, path, env, lambda line: progress.tick() if counts and counts(line) else None)
    except OSError as problem:
        code = 1
        path.write_text(f"{problem}\n", encoding="utf-8")
    if code:
        progress.end("failed")
        sentence = trouble if isinstance(trouble, str) else trouble(path.read_text(errors="replace"))
        raise Trouble(f"{sentence} (The full output is in {shown(path)}.)")
    progress.end()


def _run(command: Sequence[str | Path], path: Path, env: Mapping[str, str] | None, heard: Callable[[str], None]) -> int:
    with path.open("w", encoding="utf-8", buffering=1) as kept:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        assert process.stdout is not None
        for line in process.stdout:
            kept.write(line)
            heard(line)
        return process.wait()
