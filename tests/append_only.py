"""The audit trail refuses to be emptied. Django empties the test database after each test with transactions of its own,
so there the refusal is lifted for as long as that takes; and for a forger, in tests about forgery. Nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import TransactionTestCase

from audit import append_only


@contextmanager
def lifted() -> Iterator[None]:
    """The trail's tables can be changed, until the end of the block."""
    append_only.lift(connection)
    try:
        yield
    finally:
        append_only.install(connection)


@pytest.fixture(scope="session", autouse=True)
def a_flush_may_empty_the_trail() -> Iterator[None]:
    """`TransactionTestCase` (`transaction=True`, `live_server`) flushes; `TestCase` rolls back and needs nothing."""
    flush = TransactionTestCase._fixture_teardown

    def lift_and_flush(case: TransactionTestCase) -> None:
        with lifted():
            flush(case)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lift_and_flush)
        yield
