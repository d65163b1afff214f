"""How settings are read: from the environment, or from the file that NAME_FILE points to (for secrets)."""

from __future__ import annotations

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

PREFIX = "LANTERN_"
SHORTEST_SECRET = 50
FOR_TESTS = "only-for-development-and-tests-never-for-production-use"


def text(name: str, default: str = "") -> str:
    """The value of LANTERN_<name>, or of the file LANTERN_<name>_FILE names, or the default."""
    path = os.environ.get(f"{PREFIX}{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as problem:
            raise ImproperlyConfigured(f"{PREFIX}{name}_FILE names a file that cannot be read: {path}") from problem
    return os.environ.get(f"{PREFIX}{name}", default)


def flag(name: str, *, default: bool = False) -> bool:
    """True for 1, true, yes or on; raises ImproperlyConfigured for a word that is none of yes and no."""
    value = text(name, "yes" if default else "no").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{PREFIX}{name} must be yes or no, not {value!r}.")


def number(name: str, default: int) -> int:
    """A whole number; raises ImproperlyConfigured for anything else."""
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError as problem:
        raise ImproperlyConfigured(f"{PREFIX}{name} must be a whole number, not {value!r}.") from problem


def words(name: str, default: str = "") -> list[str]:
    """A list of words separated by commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def secret(name: str, *, needed: bool) -> str:
    """A secret of at least 50 characters. Where one is needed, a missing, short or well-known value stops the start.

    `needed` is false only outside production, where a fixed word keeps tests repeatable.
    """
    value = text(name)
    if not needed:
        return value or FOR_TESTS
    if not value:
        raise ImproperlyConfigured(f"Set {PREFIX}{name} or {PREFIX}{name}_FILE: production does not start without it.")
    return _unpredictable(name, value)


def secrets(name: str, *, needed: bool) -> list[str]:
    """Secrets separated by commas or lines, each held to the same standard as one alone; at least one of them."""
    values = text(name).replace(",", " ").split()
    if len(values) < 2:
        return [secret(name, needed=needed)]
    return [_unpredictable(name, value) if needed else value for value in values]


def _unpredictable(name: str, value: str) -> str:
    known = value.startswith(("django-insecure", "only-for-development", "changeme", "change-me", "secret"))
    if known or len(value) < SHORTEST_SECRET or len(set(value)) < 10:
        raise ImproperlyConfigured(f"{PREFIX}{name} must be {SHORTEST_SECRET} or more unpredictable characters.")
    return value
