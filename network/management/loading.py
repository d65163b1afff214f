"""What the commands that load reference tables have in common."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Model

from network.reference import Changes, TableError, run


class LoadCommand(BaseCommand):
    """Loads one table from its file. `stays` is for the command that loads them all and takes them back itself."""

    model: ClassVar[type[Model]]
    loader: ClassVar[Callable[[], Changes]]
    stealth_options = ("stays",)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A rehearsal says what would change and changes nothing."""
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, or rehearse, and say what came of it."""
        rehearsal = options["dry_run"]
        try:
            changes = run(type(self).loader, self.model, rehearsal=rehearsal and not options.get("stays"))
        except TableError as problem:
            raise CommandError(f"Nothing was loaded. {problem}") from problem
        for line in changes.lines(rehearsal=rehearsal):
            self.stdout.write(line)
