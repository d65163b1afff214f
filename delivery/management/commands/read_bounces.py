"""Reads the mailbox that bounces come to."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from delivery import mailbox


class Command(BaseCommand):
    """Beat does the same every five minutes."""

    help = "Read the bounces in the mailbox of LANTERN_BOUNCE_IMAP_HOST, and act on them."

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say what there was. Raises CommandError when the mailbox cannot be read."""
        if not mailbox.is_on():
            raise CommandError("Set LANTERN_BOUNCE_IMAP_HOST first.")
        try:
            found = mailbox.read()
        except mailbox.PROBLEMS as problem:
            raise CommandError(f"The mailbox could not be read: {type(problem).__name__}.") from problem
        for verdict, count in found.items():
            self.stdout.write(f"{count} {verdict.value}")
        self.stdout.write(f"{found.total()} messages read.")
