"""Loads the First Responder Organisations of England and Wales."""

from __future__ import annotations

from directory import reference
from directory.models import FirstResponder
from network.management.loading import LoadCommand


class Command(LoadCommand):
    """From `directory/data/first_responders.csv`."""

    help = "Load the First Responder Organisations of England and Wales."
    model = FirstResponder
    loader = staticmethod(reference.load_first_responders)
