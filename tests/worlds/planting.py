"""How a fault is planted in a rule, for `tests/test_planted_faults.py`: what somebody might one day write by mistake.

Each says what it forgets, plants itself for the length of one test, and names the kinds of rows it should show in.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import pytest

Plant = Callable[[pytest.MonkeyPatch], None]
PACKAGES = ("audit", "accounts", "network", "delivery", "directory", "alerts", "training", "charter", "reports", "api")


class Fault(NamedTuple):
    """One mistake: in words, how it is made, and where it shows."""

    name: str
    plant: Plant
    shows_in: tuple[str, ...]


ALL: list[Fault] = []


def fault(name: str, *shows_in: str) -> Callable[[Plant], Plant]:
    """Add a fault to the list."""

    def add(plant: Plant) -> Plant:
        ALL.append(Fault(name, plant, shows_in))
        return plant

    return add


def everywhere(patch: pytest.MonkeyPatch, module: ModuleType, name: str, new: Any) -> None:
    """Put something in the place of a function wherever the product has imported it."""
    old = getattr(module, name)
    for other in list(sys.modules.values()):
        if getattr(other, "__name__", "").partition(".")[0] in PACKAGES and other.__dict__.get(name) is old:
            patch.setattr(other, name, new)


def seen_by(patch: pytest.MonkeyPatch, model: Any, rule: Any) -> None:
    """Another rule for a model."""
    patch.setattr(model, "seen_by", staticmethod(rule))
