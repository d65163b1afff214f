"""Generated worlds: whatever happens to people, agencies and listings, everybody sees what the oracle says.

A slice in every run, more with `--deep`. A difference is shrunk to the shortest story that leads to it.
"""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from network import standing
from tests.test_house_rules import PACKAGES
from tests.worlds import clock, machine, small

ORACLE = Path(__file__).with_name("oracle")
SHARES = 6  # of the long run, so that several processes can do it


def happenings(worlds: int, steps: int, looking: dict[str, int], **other: Any) -> None:
    """Run so many worlds of so many steps; `looking` says how many people look after each step and at the doors."""
    profile = settings(
        max_examples=worlds, stateful_step_count=steps, deadline=None, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), **other,
    )  # fmt: skip
    with clock.stopped() as stopped:
        world = small.build(stopped)
        stopped.forward(1)
        run_state_machine_as_test(type("Run", (machine.Happenings,), {"world": world, **looking}), settings=profile)


def test_the_oracle_does_not_know_the_product():
    known = {*PACKAGES, "config", "demonstration", "django", "rest_framework", "guardian"}
    for path in ORACLE.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        names |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert not {name for name in names if name.partition(".")[0] in known}, path
        assert not {name for name in names if name.startswith("tests") and not name.startswith("tests.oracle")}, path


def test_a_stopped_clock_leaves_no_moment_behind(mia):
    """The question where somebody stands is worded once in a process."""
    standing._question.cache_clear()
    with clock.stopped() as stopped:
        assert standing.of(mia).roles == {"lead"}
        stopped.forward(-24 * 365 * 20)
        assert standing.of(mia).roles == set()
    assert standing.of(mia).roles == {"lead"}


@pytest.mark.timeout(900)  # to shrink a difference takes a while
@pytest.mark.django_db
def test_everybody_sees_what_they_should_in_some_worlds():
    happenings(worlds=3, steps=12, looking={}, derandomize=True)


@pytest.mark.deep
@pytest.mark.timeout(3600)
@pytest.mark.django_db
@pytest.mark.parametrize("share", range(SHARES))
def test_everybody_sees_what_they_should_in_many_worlds(share):
    happenings(worlds=300 // SHARES, steps=20, looking={"each_step": 99, "doors": 3})
