"""A pytest plugin of `./run test`: what needs only one database engine runs on the first of the two.

Browser tests, tests of the bootstrap and tests marked `once` behave the same on both engines and take long.
"""

from __future__ import annotations

import os

import pytest

ONLY_ONCE = ("tests/browser/", "tests/bootstrap/")


def pytest_configure(config: pytest.Config) -> None:
    """Register the mark."""
    config.addinivalue_line("markers", "once: needs only one database engine")


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
    return item.nodeid.startswith(ONLY_ONCE) or item.get_closest_marker("once") is not None
