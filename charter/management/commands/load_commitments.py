"""Loads the commitments of the charter."""

from __future__ import annotations

from charter import reference
from charter.models import Commitment
from network.management.loading import LoadCommand


class Command(LoadCommand):
    """From `charter/data/commitments.csv`."""

    help = "Load the commitments of the charter."
    model = Commitment
    loader = staticmethod(reference.load_commitments)
