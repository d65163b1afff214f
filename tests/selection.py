"""A pytest plugin of `./run test`: what needs only one of the two database engines runs on one.

On the first, SQLite, runs what is about processes, files, browsers or sessions (`browser`, `once`), and what may not
touch a database at all. Tests of pages and of the API run on the second, PostgreSQL, as in production: on the first the
browser opens every page there is.
"""

from __future__ import annotations

import os
import re

import pytest

FIRST_ONLY = ("tests/browser/", "tests/bootstrap/", "tests/demonstration/", "tests/accounts/")
MARKS = ("browser", "once")
OF_PAGES = re.compile(r"tests/(api/|\w+/test_(\w+_)?views\w*\.py|reports/test_home\.py)")
OPENS_PAGES = "browse"
DATABASES = {"db", "transactional_db", "live_server"}  # without one of these pytest-django refuses every query


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the other engine's round runs. Without rounds, everything."""
    turn = os.environ.get("LANTERN_TEST_ROUND")
    if turn not in {"first", "second"}:
        return
    dropped = {item for item in items if (_first_only(item) if turn == "second" else _second_only(item))}
    if dropped:
        config.hook.pytest_deselected(items=list(dropped))
        items[:] = [item for item in items if item not in dropped]


def _first_only(item: pytest.Item) -> bool:
    marked = any(item.get_closest_marker(mark) for mark in MARKS)
    return marked or item.nodeid.startswith(FIRST_ONLY) or not _may_ask(item)


def _second_only(item: pytest.Item) -> bool:
    of_pages = OF_PAGES.match(item.nodeid) or OPENS_PAGES in _fixtures(item)
    return bool(of_pages) and not _first_only(item)


def _may_ask(item: pytest.Item) -> bool:
    """Whether it may ask the database anything, as pytest-django sees it."""
    return bool(item.get_closest_marker("django_db")) or not DATABASES.isdisjoint(_fixtures(item))


def _fixtures(item: pytest.Item) -> list[str]:
    return list(getattr(item, "fixturenames", ()))
