"""Makes the database ready in one process, so that a second start of the development server is quick."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from demonstration import readiness


class Command(BaseCommand):
    """Migrations, reference tables when they changed, the demonstration on an empty database."""

    help = "Make the database ready: migrate, load the reference tables and, if it is empty, the demonstration."
    requires_system_checks: list[str] = []  # they import every page, and the web server makes them a second later

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file to which the demonstration people and how to sign in as each are written."""
        parser.add_argument("--people", type=Path, help="write who can sign in, and how, to this file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is not done yet."""
        if readiness.has_migrations_to_run():
            call_command("migrate", interactive=False, stdout=self.stdout)
        mark = readiness.reference_mark()
        if not readiness.reference_is_loaded(mark):
            call_command("load_reference", stdout=self.stdout)
            readiness.remember_reference(mark)
        if readiness.is_empty():
            call_command("load_demonstration", stdout=self.stdout)
        if options["people"]:
            options["people"].write_text(readiness.sign_in_text(), encoding="utf-8")
