"""What the development database still needs before it can be shown to somebody."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from demonstration.people import PASSWORD, PEOPLE
from network.models import Network

SOURCES = ("network", "directory", "charter")


def has_migrations_to_run() -> bool:
    """Whether `migrate` has anything to do; asking is much quicker than running it for nothing."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def reference_mark() -> str:
    """A fingerprint of the reference tables' files, of what loads them and of the database they belong in."""
    whole = hashlib.sha256(str(connection.settings_dict["NAME"]).encode())
    for package in SOURCES:
        folder = settings.BASE_DIR / package
        for path in [folder / "reference.py", *sorted((folder / "data").iterdir())]:
            whole.update(path.name.encode() + path.read_bytes())
    return whole.hexdigest()


def reference_is_loaded(mark: str) -> bool:
    """Whether exactly these tables were loaded into exactly this database, which still has something in it."""
    kept = _kept_mark()
    return not is_empty() and kept.is_file() and kept.read_text(encoding="ascii") == mark


def remember_reference(mark: str) -> None:
    """Keep the fingerprint of what was loaded."""
    _kept_mark().write_text(mark, encoding="ascii")


def is_empty() -> bool:
    """Whether no network has been set up yet."""
    return not Network.objects.exists()


def sign_in_text() -> str:
    """Who can sign in to the demonstration, what each is for, and how."""
    width = max(len(person.email) for person in PEOPLE)
    lines = [f"  {person.email:<{width}}  {person.name}, {person.what}" for person in PEOPLE]
    how = f"Press “Sign in as …” on the sign-in page, or use an address below with the password  {PASSWORD}"
    return "\n".join([how, "", *lines, ""])


def _kept_mark() -> Path:
    path: Path = settings.VAR / "reference.sha256"
    return path
