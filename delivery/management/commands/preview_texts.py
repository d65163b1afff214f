"""Shows what text messages would say and cost, before any is sent."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from delivery.channels import text


class Command(BaseCommand):
    """For whoever pays for them. Nothing is sent."""

    help = "Show what a text message of each network says, and as how many messages it is sent."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say it, and warn where a network's name makes every text message dearer."""
        if not text.is_on():
            self.stdout.write("Text messages are not set up: LANTERN_NOTIFY_KEY and LANTERN_NOTIFY_TEMPLATE.")
        for network, found in text.previews():
            count = found.parts
            times = "1 message" if count.parts == 1 else f"{count.parts} messages"
            self.stdout.write(f"{network.prefix}: {found.text}")
            self.stdout.write(f"     {count.characters} characters of {count.charset}: sent as {times}")
            if found.unusual:
                self.stdout.write(f"     Dearer because of: {' '.join(found.unusual)}")
