from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

from bootstrap.places import ROOT
from bootstrap.watched import Watched
from tests.bootstrap.processes import alive, descendants, until

# A command that starts a child of its own and then both wait; the stubborn kind refuses to be asked.
FAMILY = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]); {own}"
PATIENT = "import time; print('up', flush=True); time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"


def family(child: str, own: str) -> list[str]:
    return [sys.executable, "-c", FAMILY.format(child=child, own=own)]


class TestWatched:
    def test_leaves_no_grandchild_when_its_asker_is_killed(self, tmp_path):
        asker = textwrap.dedent(f"""
            import sys, time
            sys.path.insert(0, {str(ROOT)!r})
            from pathlib import Path
            from bootstrap.watched import Watched
            Watched({family(STUBBORN, STUBBORN)!r}, log=Path({str(tmp_path / "log")!r}))
            time.sleep(600)
        """)
        process = subprocess.Popen([sys.executable, "-c", asker])
        assert until(lambda: len(descendants(process.pid)) == 3)  # the watcher, the command, its child
        started = descendants(process.pid)
        process.kill()
        process.wait()
        assert until(lambda: not alive(started), 15)

    def test_kills_what_a_command_leaves_behind(self, tmp_path):
        process = Watched(family(STUBBORN, "time.sleep(0.5)"), log=tmp_path / "log")
        assert until(lambda: len(descendants(process.pid)) == 2)
        started = descendants(process.pid)
        assert until(lambda: process.ended() is not None)
        assert until(lambda: not alive(started), 5)

    def test_asks_first_and_reports_the_exit_code(self, tmp_path):
        polite = "import signal, sys, time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(7)); time.sleep(600)"
        process = Watched([sys.executable, "-c", f"print('up', flush=True); {polite}"], log=tmp_path / "log")
        assert until(lambda: "up" in (tmp_path / "log").read_text())
        assert until(lambda: len(descendants(process.pid)) == 1)
        process.ask()
        assert until(lambda: process.ended() is not None)
        assert process.ended() in {7, 128 + signal.SIGTERM}  # the second if asked before it could listen

    def test_removes_the_folder_that_was_only_for_it(self, tmp_path):
        folder = tmp_path / "state"
        folder.mkdir()
        process = Watched([sys.executable, "-c", PATIENT], log=tmp_path / "log", watch=["--remove", str(folder)])
        assert until(lambda: "up" in (tmp_path / "log").read_text())
        assert folder.exists()
        process.stop()
        assert not folder.exists()
