"""Loads every principal council of the United Kingdom, past and present."""

from __future__ import annotations

from charter import reference
from charter.models import Council
from network.management.loading import LoadCommand


class Command(LoadCommand):
    """From `charter/data/councils.csv`."""

    help = "Load every principal council of the United Kingdom, past and present."
    model = Council
    loader = staticmethod(reference.load_councils)
