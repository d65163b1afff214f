from __future__ import annotations

import ast
from pathlib import Path

from audit.words import WORDS, sentence

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("audit", "accounts", "network", "delivery", "directory", "alerts", "training", "charter", "reports", "api")


def recorded() -> set[str]:
    """Every verb that stands in a call of `trail.record`."""
    calls = [
        node
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "trail.record"
    ]
    return {call.args[0].value for call in calls if isinstance(call.args[0], ast.Constant)}


class TestSentence:
    def test_knows_every_deed_that_is_recorded(self):
        assert len(recorded()) > 20
        assert recorded() <= set(WORDS)

    def test_reads_a_deed_it_does_not_know(self):
        assert sentence("thing.turn_over") == "thing turn over"
