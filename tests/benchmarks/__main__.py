"""`./run bench [broadcast] [directory]`: how fast it is, beside the limit and the usual way, as tables and as JSON.

Each benchmark is a module of this package with `run() -> dict`: it prints its own table and returns its figures.
Nothing here fails when it is slow: a benchmark is never a timed test.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.servers import postgres, valkey

NAMES = tuple(name for name in ("broadcast", "directory") if Path(__file__).with_name(f"{name}.py").exists())


def main() -> None:
    """Run the benchmarks named, or all, on servers of their own unless ./run has started them already."""
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[*NAMES, []], metavar="name", help=f"of {', '.join(NAMES)}; all if none"
    )
    chosen = parser.parse_args().names or NAMES
    with contextlib.ExitStack() as stack:
        prepare(stack)
        figures = {name: timed(name) for name in chosen}
    print("\nAs JSON:")
    print(json.dumps(figures, indent=2))


def prepare(stack: contextlib.ExitStack) -> None:
    """An empty, migrated PostgreSQL database, a Redis-protocol server, and a folder for state."""
    database = os.environ.get("LANTERN_DATABASE_URL") or stack.enter_context(postgres())
    broker = os.environ.get("LANTERN_REDIS_URL") or stack.enter_context(valkey())
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lantern-bench-"))
    os.environ.update(
        LANTERN_MODE="test",
        LANTERN_DATABASE_URL=database,
        LANTERN_BROKER_URL=broker,
        LANTERN_VAR=folder,
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def timed(name: str) -> dict[str, object]:
    """The figures of one benchmark, and how long it took to get them."""
    started = time.monotonic()
    figures: dict[str, object] = importlib.import_module(f"tests.benchmarks.{name}").run()
    figures["benchmark took, seconds"] = round(time.monotonic() - started, 1)
    return figures


if __name__ == "__main__":
    sys.exit(main())
