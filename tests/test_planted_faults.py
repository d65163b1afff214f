"""Faults planted in the rules, one at a time: the oracle must find each of them on the dense world.

A fault that is not found means that the world is too thin, and that the rule could break without anybody noticing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest

from delivery.models import Audience
from network import standing
from tests.worlds import clock, dense, faults, reading
from tests.worlds.comparing import ALL, Judge

ENOUGH = 20

pytestmark = pytest.mark.once  # about the rules; the worlds compare both engines


class Scene(NamedTuple):
    """The dense world and what everybody should see of it."""

    world: dense.Dense
    judge: Judge
    audiences: list[Audience]

    def differences(self, probes: tuple[str, ...] = (*ALL, "keys", "calls", "post")) -> Iterator[str]:
        """What the probes of these names find."""
        yield from self.judge.differences(self.world.readers, [kind for kind in probes if kind in ALL])
        if "keys" in probes:
            yield from self.judge.keys()
        if "calls" in probes:
            yield from self.judge.calls(self.world.readers)
        if "post" in probes:
            for rule in self.audiences:
                yield from self.judge.post(rule)


@pytest.fixture
def scene(db) -> Iterator[Scene]:
    with clock.stopped() as stopped:
        world = dense.build(stopped)
        audiences = list(world.audiences())
        yield Scene(world, Judge(reading.world(stopped.now)), audiences)


def test_the_rules_and_the_oracle_agree_on_the_dense_world(scene):
    assert list(scene.differences()) == []


def test_each_planted_fault_is_found(scene, record_property, request):
    """In one test, because the world takes longer to make than most faults to find."""
    missed = []
    request.addfinalizer(standing._question.cache_clear)
    for fault in faults.ALL:
        with pytest.MonkeyPatch.context() as patch:
            fault.plant(patch)
            standing._question.cache_clear()
            found = next(scene.differences(fault.shows_in), None)
        if found is None:
            missed.append(fault.name)
        record_property(fault.name, found)
    assert not missed, "nothing in the dense world tells these from the right rule"
    assert len(faults.ALL) >= ENOUGH
