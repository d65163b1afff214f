"""Gives somebody a role in the whole platform: the first operator, and national coordinators."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from network import founding


class Command(BaseCommand):
    """`appoint operator omar@example.org "Omar Siddiqui"`, on the server."""

    help = "Give somebody a role in the whole platform (operator or national), and send them a link to come in by."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which role, and who."""
        parser.add_argument("role")
        parser.add_argument("email")
        parser.add_argument("name", nargs="?", default="", help="needed for somebody without an account")

    def handle(self, *args: Any, **options: Any) -> None:
        """One call; what was wrong is said in plain words."""
        try:
            appointment = founding.appoint(**{part: options[part] for part in ("role", "email", "name")})
        except ValidationError as refusal:
            raise CommandError(" ".join(refusal.messages)) from None
        self.stdout.write(f"{appointment.person} is {appointment.get_role_display().lower()}. A link is on its way.")
