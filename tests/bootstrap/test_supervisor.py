from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from bootstrap.places import ROOT
from tests.bootstrap.processes import alive, descendants

PROGRAM = """
    import os, sys
    sys.path.insert(0, {root!r})
    from bootstrap.supervisor import Part, Supervisor
    steady = Part("steady", [sys.executable, "-c", "import time; time.sleep(600)"])
    falling = Part("falling", [sys.executable, "-c", "raise SystemExit(3)"])
    Supervisor([steady, falling], dict(os.environ)).run(ready=lambda: True, announce=lambda: print("ready", flush=True))
"""


def supervise(var: Path) -> subprocess.Popen[str]:
    code = textwrap.dedent(PROGRAM).format(root=str(ROOT))
    env = {**os.environ, "LANTERN_VAR": str(var)}
    return subprocess.Popen([sys.executable, "-c", code], env=env, stdout=subprocess.PIPE, text=True)


class TestSupervisor:
    @pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
    def test_stops_every_part_when_told_to(self, tmp_path, told):
        process = supervise(tmp_path)
        assert process.stdout.readline() == "ready\n"
        started = descendants(process.pid)
        process.send_signal(told)
        assert process.wait(30) == 0
        assert started
        assert not alive(started)

    def test_starts_a_fallen_part_again_with_growing_pauses_and_says_so_in_a_line(self, tmp_path):
        process = supervise(tmp_path)
        said = [process.stdout.readline().strip() for _ in range(4)]
        process.send_signal(signal.SIGINT)
        rest = process.communicate(timeout=30)[0]
        log = tmp_path / "log" / "falling.log"
        assert said[0] == "ready"
        assert [line.split(";")[0] for line in said[1:]] == ["falling stopped (code 3)"] * 3
        assert [line.split(" in ")[1] for line in said[1:]] == [f"{pause} s. See {log}." for pause in (1, 2, 4)]
        assert rest.split() == ["Stopping", "…", "Stopped."]
        assert process.returncode == 0
