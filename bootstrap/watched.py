"""A child process that cannot outlive the one that started it (see watch.py)."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

WATCH = Path(__file__).with_name("watch.py")


class Watched:
    """A command in its own process group. It ends when asked, or by itself when this process is gone."""

    def __init__(
        self,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        folder: Path | None = None,
        watch: Sequence[str] = (),
    ) -> None:
        """Start `command` with its output added to `log`; `watch` holds further options of watch.py."""
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-S", "-E", str(WATCH), *watch, "--", *(str(word) for word in command)],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=env,
                cwd=folder,
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process id of the group."""
        return self._process.pid

    def ended(self) -> int | None:
        """The exit code once it has ended, else None. What it left behind is killed."""
        code = self._process.poll()
        if code is not None:
            self._kill()
        return code

    def ask(self) -> None:
        """Ask it to stop; do not wait."""
        if self._process.poll() is None:
            self._process.terminate()

    def stop(self, patience: float = 10) -> None:
        """Ask it to stop, wait that many seconds, then kill whatever is left of it."""
        self.ask()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(patience)
        self._kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left (macOS says so with the second)
            os.killpg(self._process.pid, signal.SIGKILL)
