"""What pytest's reports say, added up and told in plain words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree


@dataclass
class Results:
    """One round of tests: how many passed, failed and were skipped, and why those were."""

    engine: str
    code: int
    passed: int = 0
    failed: int = 0
    failures: list[str] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def skipped(self) -> int:
        """How many were skipped."""
        return self.reasons.total()

    @property
    def ran(self) -> int:
        """How many were carried out."""
        return self.passed + self.failed

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def read(engine: str, report: Path, code: int) -> Results:
    """The results in a JUnit file. A file that is missing or torn counts as one failure: pytest itself broke."""
    results = Results(engine, code)
    try:
        cases = ElementTree.parse(report).getroot().iter("testcase")
    except (OSError, ElementTree.ParseError):
        results.failed, results.failures = 1, ["pytest ended without a report"]
        return results
    for case in cases:
        _count(case, results)
    return results


def account(rounds: Sequence[Results]) -> str:
    """The closing words: each engine, what failed, why tests were skipped, and one line that adds it all up."""
    lines = ["", "── Result " + "─" * 62]
    for results in rounds:
        lines.append(f"On {results.engine}: {results}")
        lines += [f"    failed: {name}" for name in results.failures]
        lines += [f"    skipped {count}: {reason}" for reason, count in results.reasons.most_common()]
    whole = [sum(getattr(each, what) for each in rounds) for what in ("passed", "failed", "skipped")]
    return "\n".join([*lines, "", "{} passed, {} failed, {} skipped".format(*whole)])


def _count(case: ElementTree.Element, results: Results) -> None:
    name = f"{case.get('classname')}.{case.get('name')}"
    if case.find("failure") is not None or case.find("error") is not None:
        results.failed += 1
        results.failures.append(name)
    elif (skipped := case.find("skipped")) is not None:
        results.reasons[skipped.get("message") or "no reason given"] += 1
    else:
        results.passed += 1
