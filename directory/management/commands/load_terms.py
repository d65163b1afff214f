"""Loads the words to filter the directory by."""

from __future__ import annotations

from directory import reference
from directory.models import Term
from network.management.loading import LoadCommand


class Command(LoadCommand):
    """From `directory/data/terms.csv`."""

    help = "Load the words to filter the directory by."
    model = Term
    loader = staticmethod(reference.load_terms)
