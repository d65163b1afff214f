"""Loads every reference table, each on top of those it stands on."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

TABLES = ("areas", "terms", "first_responders", "helplines", "commitments", "councils")


class Command(BaseCommand):
    """All or nothing: when one file is wrong, no table changes."""

    help = "Load all reference tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """A rehearsal says what would change and changes nothing."""
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load each table in turn."""
        with transaction.atomic():
            for table in TABLES:
                call_command(f"load_{table}", dry_run=options["dry_run"], stays=True, stdout=self.stdout)
            transaction.set_rollback(options["dry_run"])
