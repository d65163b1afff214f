"""The words after `./run`: what each does, and how it refuses."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence

from bootstrap.steps import Trouble

EXPLANATION = """\
Starts Lantern on this machine, with its demonstration networks, and says how to sign in.

other commands:
  ./run test [pytest's own arguments]   all tests, on SQLite and on PostgreSQL
  ./run check                           style, types, floors, templates, settings, unused code
  ./run bench [name]                    how fast it is, beside the limit and the usual way
"""


def main(words: Sequence[str]) -> int:
    """Do what the words ask; return the exit code. A Trouble is printed as its one sentence."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(143))  # so that what we started is ended too
    try:
        return _chosen(words)()
    except Trouble as trouble:
        print(f"\n{trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130


def _chosen(words: Sequence[str]) -> Callable[[], int]:
    """Import only what the chosen command needs: a second start should be quick."""
    name, rest = (words[0], list(words[1:])) if words else ("", [])
    if name == "test":
        from bootstrap.testing import test

        return lambda: test(rest)
    if name == "check":
        from bootstrap.checking import check

        return lambda: check(rest)
    if name == "bench":
        from bootstrap.testing import bench

        return lambda: bench(rest)
    port = _port(words)
    from bootstrap.serving import serve

    return lambda: serve(port)


def _port(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="./run", description=EXPLANATION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    port = os.environ.get("LANTERN_PORT") or "8000"
    parser.add_argument("--port", default=port, metavar="N", help="serve on this port (LANTERN_PORT, else 8000)")
    chosen = parser.parse_args(words).port
    if not chosen.isdecimal() or not 0 < int(chosen) < 65536:
        raise Trouble(f"A port is a whole number from 1 to 65535, not {chosen!r}.")
    return int(chosen)
