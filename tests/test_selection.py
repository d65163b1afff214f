from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import pytest

from tests import selection

ACTION, VIEW = "tests/alerts/test_actions.py::test_x", "tests/alerts/test_views.py::test_x"
BOTH, FIRST, SECOND = {"first", "second"}, {"first"}, {"second"}


class Item(NamedTuple):
    """As much of a test as is asked about."""

    nodeid: str
    fixturenames: tuple[str, ...]
    marks: tuple[str, ...]

    def get_closest_marker(self, name: str) -> str | None:
        return name if name in self.marks else None


def rounds(monkeypatch, item: Item) -> set[str]:
    """The rounds in which such a test is left in."""
    config, found = SimpleNamespace(hook=SimpleNamespace(pytest_deselected=lambda items: None)), set()
    for turn in BOTH:
        monkeypatch.setenv("LANTERN_TEST_ROUND", turn)
        items = [item]
        selection.pytest_collection_modifyitems(config, items)
        found |= {turn} if items else set()
    return found


class TestARound:
    @pytest.mark.parametrize(
        ("nodeid", "fixtures", "marks", "expected"),
        [
            (ACTION, ["mia", "db"], [], BOTH),
            (ACTION, [], ["django_db"], BOTH),
            (ACTION, ["transactional_db"], [], BOTH),
            (ACTION, ["settings"], [], FIRST),
            (ACTION, ["mia", "db"], ["once"], FIRST),
            (ACTION, ["browse", "db"], ["once"], FIRST),
            (ACTION, ["live_server", "db"], ["browser"], FIRST),
            ("tests/accounts/test_sessions.py::test_x", ["browse", "db"], ["django_db"], FIRST),
            (ACTION, ["browse", "db"], ["django_db"], SECOND),
            (VIEW, ["client", "db"], ["django_db"], SECOND),
            ("tests/api/test_alerts.py::test_x", ["ottos", "db"], ["django_db"], SECOND),
            (VIEW, [], [], FIRST),
        ],
    )
    def test_has_what_is_about_its_engine(self, monkeypatch, nodeid, fixtures, marks, expected):
        assert rounds(monkeypatch, Item(nodeid, tuple(fixtures), tuple(marks))) == expected

    def test_has_everything_where_there_are_no_rounds(self, monkeypatch):
        monkeypatch.delenv("LANTERN_TEST_ROUND", raising=False)
        items = [object()]
        selection.pytest_collection_modifyitems(None, items)
        assert len(items) == 1
