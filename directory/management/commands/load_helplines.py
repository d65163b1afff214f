"""Loads the helplines."""

from __future__ import annotations

from directory import reference
from directory.models import Helpline
from network.management.loading import LoadCommand


class Command(LoadCommand):
    """From `directory/data/helplines.csv`."""

    help = "Load the helplines."
    model = Helpline
    loader = staticmethod(reference.load_helplines)
