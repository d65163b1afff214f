"""`./run`: set up, prepare the database, and serve web, worker, beat and mail catcher under one supervisor."""

from __future__ import annotations

import os
import secrets
import socket
import time
import urllib.error
import urllib.request
from pathlib import Path

from bootstrap.frontend import build
from bootstrap.packages import install
from bootstrap.places import PYTHON, shown, var
from bootstrap.steps import Trouble, step
from bootstrap.supervisor import Part, Supervisor

HOST = "127.0.0.1"
CELERY: list[str | Path] = [PYTHON, "-m", "celery", "--app", "config.celery"]


def serve(port: int) -> int:
    """Serve on this port until told to stop. Raises Trouble when the port is taken or the set-up fails."""
    started = time.monotonic()
    refuse_used_port(port)
    install("demo")
    build()
    env = environment(port)
    people = var() / "sign-in.txt"
    step(
        "Preparing the database",
        [PYTHON, "manage.py", "prepare", "--people", people],
        name="prepare",
        trouble="The database could not be prepared.",
        env=env,
    )
    Supervisor(_parts(port, env), env).run(
        ready=lambda: _answers(port), announce=lambda: _announce(port, people, time.monotonic() - started)
    )
    return 0


def refuse_used_port(port: int) -> None:
    """Raise Trouble when something listens on the port already, or we may not."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except PermissionError:
            raise Trouble(
                f"Port {port} is not for ordinary users: choose one above 1023 with ./run --port N."
            ) from None
        except OSError:
            other = port + 1 if port < 65535 else port - 1
            raise Trouble(
                f"Port {port} is already in use: stop what uses it, or choose another, as in ./run --port {other}."
            ) from None


def environment(port: int) -> dict[str, str]:
    """What every process of the development server is told."""
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LANTERN_MODE": "development",
        "LANTERN_SECRET_KEY": _secret(var() / "secret-key"),
        "LANTERN_SEALING_KEYS": _secret(var() / "sealing-keys"),
        "LANTERN_BASE_URL": f"http://{HOST}:{port}",
        "LANTERN_SMTP_HOST": HOST,
        "LANTERN_SMTP_PORT": str(free_port()),
        "PYTHONUNBUFFERED": "1",
    }


def free_port() -> int:
    """A port on loopback that nothing listens on at this moment."""
    with socket.socket() as trial:
        trial.bind((HOST, 0))
        return int(trial.getsockname()[1])


def _secret(path: Path) -> str:
    """The secret of this development server: made once, kept where only its owner can read it."""
    if not path.exists():
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as kept:
            kept.write(secrets.token_urlsafe(64))
    return path.read_text(encoding="ascii")


def _parts(port: int, env: dict[str, str]) -> list[Part]:
    web: list[str | Path] = [
        PYTHON,
        "-m",
        "gunicorn",
        "config.wsgi",
        "--bind",
        f"{HOST}:{port}",
        "--worker-class",
        "gthread",
        "--logger-class",
        "config.access_log.AccessLog",
    ]
    worker = ["--queues", "immediate,routine,upkeep", "--concurrency", "2", "--without-gossip", "--without-mingle"]
    return [
        Part("web", [*web, "--threads", "8", "--no-control-socket", "--access-logfile", "-"]),
        Part("mail", [PYTHON, "-m", "demonstration.catcher", "--port", env["LANTERN_SMTP_PORT"]]),
        Part("worker", [*CELERY, "worker", "--loglevel", "INFO", *worker]),
        Part("beat", [*CELERY, "beat", "--loglevel", "INFO", "--pidfile", ""]),
    ]


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/healthz", timeout=1) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _announce(port: int, people: Path, seconds: float) -> None:
    address = f"http://{HOST}:{port}"
    print(f"\nLantern is running after {seconds:.1f} s:  {address}/")
    print(f"Mail it has sent:  {address}/demonstration/mail/\n")
    print(people.read_text(encoding="utf-8").rstrip())
    print(f"\nLogs are in {shown(var() / 'log')}/. Press Ctrl-C to stop.", flush=True)
