"""How open a thing of the directory is."""

from __future__ import annotations

from django.db import models


class Access(models.TextChoices):
    """Who may see a row, loosest first. What hangs on a listing may be stricter than the listing, never looser."""

    PUBLIC = "public", "Public"
    NETWORK = "network", "Network members"
    RESTRICTED = "restricted", "Own agency and those it is shared with"
    CONCEALED = "concealed", "Own agency only"

    @property
    def as_strict(self) -> list[Access]:
        """Itself and the stricter ones, loosest first."""
        every = list(Access)
        return every[every.index(self) :]

    @property
    def looser(self) -> list[Access]:
        """The less strict ones, loosest first."""
        every = list(Access)
        return every[: every.index(self)]
