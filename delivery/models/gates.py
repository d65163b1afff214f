"""What stands before every way out: the gate that an operator closes, and the breakers of each server."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from audit.visible import VisibleQuerySet, all_if
from network import standing
from network.visibility import Role


class Gate(models.Model):
    """One row: whether anything may leave. `database` is what this database was when it last sent something, and
    `sent_up_to` when that was, so that one that was restored from a backup is noticed."""

    held_at = models.DateTimeField(null=True)
    held_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    database = models.CharField(max_length=120, blank=True)
    sent_up_to = models.DateTimeField(null=True)

    objects: ClassVar[VisibleQuerySet[Gate]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return "held" if self.held_at else "open"

    @staticmethod
    def seen_by(reader: Any) -> models.Q:
        """Operators."""
        return all_if(standing.of(reader).holds(Role.OPERATOR))


class Breaker(models.Model):
    """How one server has been answering. After some failures in a row it is left alone; then one lease tries it."""

    server = models.CharField(max_length=120, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    failing_since = models.DateTimeField(null=True)
    open_until = models.DateTimeField(null=True)
    problem = models.CharField(max_length=300, blank=True)

    objects: ClassVar[VisibleQuerySet[Breaker]] = VisibleQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.server

    @staticmethod
    def seen_by(reader: Any) -> models.Q:
        """Operators."""
        return all_if(standing.of(reader).holds(Role.OPERATOR))
