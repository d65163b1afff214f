from __future__ import annotations

import os
import runpy
import shutil
import socket
import subprocess
import sys

import pytest

from bootstrap.places import ROOT
from tests.servers import free_port

RUN = ROOT / "run"


def say(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """What `./run` says, started as a person starts it."""
    told = {**os.environ, **env}
    return subprocess.run(
        [sys.executable, str(RUN), *words], env=told, capture_output=True, text=True, timeout=120, check=False
    )


def sentence(done: subprocess.CompletedProcess[str]) -> str:
    """The one thing said, after making sure that it is one line, on standard error, and no traceback."""
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + done.stdout
    lines = [line for line in done.stderr.splitlines() if line]
    assert len(lines) == 1
    return lines[0]


class TestPort:
    def test_says_in_one_sentence_that_a_port_is_taken(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            said = sentence(say("--port", str(port)))
        assert said.startswith(
            f"Port {port} is already in use: stop what uses it, or choose another, as in ./run --port "
        )

    def test_takes_the_port_from_the_environment(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = str(other.getsockname()[1])
            assert f"Port {port} is already in use" in sentence(say(LANTERN_PORT=port))

    @pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1"])
    def test_refuses_what_is_no_port(self, port):
        assert sentence(say(LANTERN_PORT=port)) == f"A port is a whole number from 1 to 65535, not '{port}'."


class TestPython:
    def test_says_in_one_sentence_that_python_is_too_old(self):
        too_old = runpy.run_path(str(RUN))["too_old"]
        assert too_old((3, 10, 12)) == (
            "Lantern needs Python 3.11 or newer, and this is Python 3.10: install it, then type python3.11 run."
        )
        assert too_old((3, 11, 0)) is None
        assert too_old((4, 0, 0)) is None

    def test_is_readable_to_an_old_python(self):
        """The oldest grammar that this Python can still check; and any old Python that happens to be here."""
        source = RUN.read_text()
        compile(source, "run", "exec", dont_inherit=True)
        assert "from __future__" not in source
        for name in ("python2.7", "python3.6", "python3.8", "python3.10"):
            old = shutil.which(name)
            done = subprocess.run([old, str(RUN)], capture_output=True, text=True, check=False) if old else None
            if done and not done.stderr.startswith("pyenv:"):
                assert sentence(done).startswith("Lantern needs Python 3.11 or newer")

    def test_says_in_one_sentence_that_the_venv_module_is_missing(self, tmp_path):
        without = f"import sys; sys.modules['ensurepip'] = None; sys.path.insert(0, {str(ROOT)!r})"
        program = f"{without}; from bootstrap import packages; print(packages.venv_missing())"
        said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        assert said == (
            "This Python comes without its venv module: install it (on Debian or Ubuntu: sudo apt install "
            f"{package}), then run this again.\n"
        )


@pytest.fixture
def clone(tmp_path):
    """A checkout with nothing installed in it."""
    for name in ("run", "bootstrap", "requirements", "package.json", "package-lock.json", ".npmrc"):
        source, target = ROOT / name, tmp_path / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy2(source, target)
    return tmp_path


class TestDownload:
    def test_says_in_one_sentence_that_packages_cannot_be_downloaded(self, clone):
        nowhere = f"http://127.0.0.1:{free_port()}/simple"
        env = {name: value for name, value in os.environ.items() if not name.startswith(("LANTERN_", "PIP_", "UV_"))}
        env |= {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": nowhere, "PIP_RETRIES": "0", "UV_INDEX_URL": nowhere}
        words = [sys.executable, str(clone / "run"), "--port", str(free_port())]
        done = subprocess.run(words, cwd=clone, env=env, capture_output=True, text=True, timeout=120, check=False)
        assert sentence(done) == (
            "Could not download the Python packages: check the network connection, then run this again. "
            "(The full output is in var/log/install-demo.log.)"
        )
