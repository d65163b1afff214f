from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from audit import exports


class Command(BaseCommand):
    """`manage.py export_trail > trail.jsonl`: the whole trail, for whoever keeps the database and can read it all."""

    help = "Write the whole audit trail in the form that audit/checker.py checks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where to."""
        parser.add_argument("--to", help="a file; the standard output unless given")

    def handle(self, *args: Any, to: str | None = None, **options: Any) -> None:
        """Write it."""
        if to is None:
            sys.stdout.buffer.writelines(exports.whole())
            return
        with open(to, "xb", opener=_for_nobody_else) as file:
            file.writelines(exports.whole())


def _for_nobody_else(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
