"""A pytest plugin of `./run test`: what needs only one of the two database engines runs on one.

On the first, SQLite, runs what is about processes, files, browsers or sessions (`browser`, `once`). Tests of pages and
of the API run on the second, PostgreSQL, as in production: on the first the browser opens every page there is.
"""

from __future__ import annotations

import os
import re

import pytest

FIRST_ONLY = ("tests/browser/", "tests/bootstrap/", "tests/demonstration/", "tests/accounts/")
MARKS = ("browser", "once")
OF_PAGES = re.compile(r"tests/(api/|\w+/test_(\w+_)?views\w*\.py|reports/test_home\.py)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the other engine's round runs. Without rounds, everything."""
    turn = os.environ.get("LANTERN_TEST_ROUND")
    if turn not in {"first", "second"}:
        return
    dropped = [item for item in items if (_first_only(item) if turn == "second" else _second_only(item))]
    if dropped:
        config.hook.pytest_deselected(items=dropped)
        items[:] = [item for item in items if item not in set(dropped)]


def _first_only(item: pytest.Item) -> bool:
    return item.nodeid.startswith(FIRST_ONLY) or any(item.get_closest_marker(mark) for mark in MARKS)


def _second_only(item: pytest.Item) -> bool:
    return bool(OF_PAGES.match(item.nodeid)) and not _first_only(item)
