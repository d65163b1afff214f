"""Seals everything again with the newest key, so that the old one can be taken out of the settings."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from accounts import keys


class Command(BaseCommand):
    """Nothing is changed if anything cannot be opened."""

    help = "Seal everything again with the first of LANTERN_SEALING_KEYS. Run it after putting a new key in front."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Do it, and say how much there was."""
        self.stdout.write(f"Sealed again with the newest key: {keys.renew()} secrets.")
