"""Loads nations, regions, police force areas, counties and council areas."""

from __future__ import annotations

from network import reference
from network.management.loading import LoadCommand
from network.models import Area


class Command(LoadCommand):
    """From `network/data/areas.csv`."""

    help = "Load the areas: nations, regions, police force areas, counties and council areas."
    model = Area
    loader = staticmethod(reference.load_areas)
