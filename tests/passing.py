"""What passes: changes that are gone afterwards, so that one world does for many of them, each by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction


@contextmanager
def passing() -> Iterator[None]:
    """What is changed in the database here is not so afterwards. Objects in memory are not put back."""
    point = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(point)
