"""Fills an empty database with the demonstration networks."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from charter.models import Council
from demonstration import signing_in
from demonstration.story import agencies, alerts, charter, listings, protected, training, unfinished
from demonstration.story.world import World
from network.models import Network

CHAPTERS = (agencies, listings, protected, alerts, training, charter)


class Command(BaseCommand):
    """All of the story or none of it."""

    help = "Fill an empty database with the demonstration networks. The reference tables must be there."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell the story, up to today."""
        if Network.objects.exists():
            raise CommandError("There is a network already: the demonstration goes into an empty database only.")
        if not Council.objects.exists():
            raise CommandError("Load the reference tables first: ./manage.py load_reference")
        world = World()
        with transaction.atomic():
            for chapter in CHAPTERS:
                chapter.tell(world)
            remembered = world.write_memories()
            unfinished.tell(world)  # after what the trail remembers, because it is today
            signing_in.give_factors()
        self.stdout.write(
            f"The demonstration: {len(world.networks)} networks, {len(world.agencies)} agencies, "
            f"{len(world.people)} people, {remembered} entries in the trail."
        )
