"""A pytest plugin of `./run test`: what needs only one database engine runs on the first of the two.

Browser tests, tests of the bootstrap and what is marked `browser` or `once` do the same on both, and take long.
"""

from __future__ import annotations

import os

import pytest

ONLY_ONCE = ("tests/browser/", "tests/bootstrap/")
MARKS = ("browser", "once")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, on the second engine, what the first has run."""
    if os.environ.get("LANTERN_TEST_ROUND") != "second":
        return
    kept = [item for item in items if not _only_once(item)]
    dropped = [item for item in items if _only_once(item)]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = kept


def _only_once(item: pytest.Item) -> bool:
    return item.nodeid.startswith(ONLY_ONCE) or any(item.get_closest_marker(mark) for mark in MARKS)
