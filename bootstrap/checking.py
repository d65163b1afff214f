"""`./run check`: everything that can be said about the code without running its tests. All of it, even after a no."""

from __future__ import annotations

import os
import secrets
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bootstrap.frontend import build
from bootstrap.packages import install
from bootstrap.places import BIN, PYTHON, ROOT, VENV
from bootstrap.steps import Trouble


def check(words: Sequence[str]) -> int:
    """Run every check, or those whose name begins with one of the words; return 0 only when all are content."""
    install("dev")
    build()
    chosen = {name: step for name, step in _checks().items() if not words or name.split()[0] in words}
    if not chosen:
        raise Trouble(f"There is no such check. There are: {', '.join(_checks())}.")
    results = {name: _run(name, command, env) for name, (command, env) in chosen.items()}
    print("\n── Checks " + "─" * 62)
    for name, (code, seconds) in results.items():
        print(f"{'ok    ' if code == 0 else 'FAILED'}  {name}  ({seconds:.1f} s)")
    unhappy = sum(code != 0 for code, _seconds in results.values())
    print(f"\n{len(results) - unhappy} checks are content, {unhappy} are not.", flush=True)
    return 1 if unhappy else 0


def _checks() -> dict[str, tuple[list[str | Path], Mapping[str, str]]]:
    here = {"LANTERN_MODE": "test"}
    manage: list[str | Path] = [PYTHON, "manage.py"]
    deploy = [*manage, "check", "--deploy", "--fail-level", "WARNING"]
    return {
        "style (ruff check)": ([BIN / "ruff", "check", "."], here),
        "layout (ruff format)": ([BIN / "ruff", "format", "--check", "."], here),
        "types (mypy --strict)": ([BIN / "mypy"], here),
        "floors (import-linter)": ([BIN / "lint-imports"], here),
        "templates (djlint)": ([BIN / "djlint", "--lint", "--quiet", "."], here),
        "dependencies (deptry)": ([BIN / "deptry", "."], here),
        "unused (vulture)": ([PYTHON, "-m", "tests.unused_code"], here),
        "migrations (none missing)": ([*manage, "makemigrations", "--check", "--dry-run"], here),
        "production (check --deploy)": (deploy, production()),
    }


def production() -> dict[str, str]:
    """The settings of a production installation, with secrets that nobody has seen before."""
    return {
        "LANTERN_MODE": "production",
        "LANTERN_SECRET_KEY": secrets.token_urlsafe(64),
        "LANTERN_SEALING_KEYS": secrets.token_urlsafe(64),
        "LANTERN_ALLOWED_HOSTS": "lantern.example",
        "LANTERN_BASE_URL": "https://lantern.example",
        "LANTERN_DATABASE_URL": "postgres://lantern@127.0.0.1/lantern",
        "LANTERN_BROKER_URL": "redis://127.0.0.1:6379/0",
        "LANTERN_CACHE_URL": "redis://127.0.0.1:6379/1",
        "LANTERN_SMTP_HOST": "mail.example",
    }


def _run(name: str, command: Sequence[str | Path], extra: Mapping[str, str]) -> tuple[int, float]:
    print(f"\n── {name} " + "─" * (68 - len(name)), flush=True)
    started = time.monotonic()
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("LANTERN_")}
    env = {**inherited, **extra, "VIRTUAL_ENV": str(VENV), "PATH": f"{BIN}{os.pathsep}{inherited.get('PATH', '')}"}
    code = subprocess.run([str(word) for word in command], cwd=ROOT, env=env, check=False).returncode
    return code, time.monotonic() - started
