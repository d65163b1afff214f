"""Whatever dies, an alert that nobody acknowledges comes to each step once, and nobody is lost or told twice.

The minutes pass by the rows' own times; the rounds, the workers, the beats and all that dies are real.
"""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.delivery import notify
from tests.faults.climbing_account import CALL, DEPUTIES, OTHER_WAY, Climbed
from tests.faults.stage import Stage, on_files, stage, until
from tests.faults.storms import storm

pytestmark = [pytest.mark.once, pytest.mark.xdist_group("servers"), pytest.mark.deep]
SCENE = "tests.faults.climbing"
STAGES = [(16, DEPUTIES), (16, OTHER_WAY), (30, CALL)]
# Everything that a round writes, and what is between.
WRITES = (
    "climbing._climb", "climbing._write", "climbing._give", "adding.another_way", "climbing.take", "climbing._record",
    "climbing.tell_coordinators", "adding.enter",
)  # fmt: skip
POINTS = [f"{name}:{when}" for name in WRITES for when in ("before", "after")]
SLOWLY = "climbing._write:before:slow climbing._give:after:slow"  # so that rounds meet, and what dies dies within one
NOT_A_NUMBER = "+447700900007"


class Moods(dict[str, notify.Answer]):
    """What Notify does wrong, by number: one number is wrong for good, others meet with trouble once."""

    def __init__(self, seed: int) -> None:
        super().__init__({NOT_A_NUMBER: notify.error(400, "phone_number Not a UK mobile number", "ValidationError")})
        self.draw, self.met, self.lock = random.Random(seed), Counter[str](), threading.Lock()

    def get(self, number: str, default: Any = None) -> Any:
        with self.lock:
            self.met[number] += 1
            if number in self or self.met[number] > 1:
                return super().get(number, default)
            busy = notify.error(503, "Service unavailable", "InternalServerError")
            return self.draw.choice([default, default, notify.DROP, notify.KEEP_AND_DROP, busy])


class Scene:
    """A stage, Notify, and the judge of both."""

    def __init__(self, made: Stage, texts: notify.Notify) -> None:
        self.made, self.texts = made, texts

    def begins(self, agencies: int, points: str = "") -> None:
        """Alerts are out, with two workers and two beats at them."""
        assert self.made.scene("release", str(agencies), of=SCENE) == {"alerts": 7}
        for _ in range(2):
            self.made.start_worker(points)
            self.made.start_beat()

    def passes(self, minutes: int, seed: int, kind: int, meanwhile: Callable[[], None], *ends: str) -> None:
        """Let minutes pass, and this happen while the step of this kind is taken."""
        with ThreadPoolExecutor(1) as pool:
            others = pool.submit(self.made.scene, "passes", str(minutes), str(seed), *ends, of=SCENE)
            meanwhile()
            others.result()
        until(lambda: self._are_at(kind), 90, self._steps)

    def _steps(self) -> dict[Any, int]:
        self.made.keep_up()
        return dict(self.made.ask("SELECT kind, count(*) FROM alerts_step GROUP BY kind"))

    def _are_at(self, kind: int) -> bool:
        """Whether the agencies of the alerts that nobody answers have come so far, or to the call list."""
        self.made.keep_up()
        behind = self.made.ask(
            "SELECT s.agency_id FROM alerts_step s JOIN alerts_alert a ON a.id = s.alert_id"
            " WHERE a.title = 'nobody answers' GROUP BY s.alert_id, s.agency_id"
            f" HAVING max(s.kind) < {kind}"
        )
        return not behind

    def judge(self, patience: float) -> Climbed:
        """Wait until nothing is owed, then hold the rows against what was accepted."""
        until(self.made.settled, patience, self.made.states)
        found = Climbed(self.made.scene("facts", of=SCENE), self.made.mail.accepted, self.texts.accepted)
        print(len(found.steps), "agencies,", self._steps(), len(found.mails), "mails,", len(found.texts), "texts,",
              dict(self.made.mail.did), self.made.states())  # fmt: skip
        assert not (troubles := found.troubles()), f"{troubles[:10]} of {len(troubles)}"
        failed = [row for row in found.deliveries.values() if row["state"] == "failed" and row["channel"] == "email"]
        assert all(self.made.mail.is_bad(row["email"]) for row in failed)
        return found

    def died_at(self, points: set[str]) -> None:
        """Wait until a process has died at each of these points, and let them die there again."""
        marks = {f"died.{point.replace(':', '.')}" for point in points}
        until(lambda: marks <= {path.name for path in self.made.folder.glob("died.*")}, 30)
        for mark in marks:
            (self.made.folder / mark).unlink()


@contextmanager
def scene(folder: Path, seed: int, setting: Any = stage) -> Iterator[Scene]:
    """An empty one. Text messages can be sent."""
    with notify.running() as texts:
        texts.answers = Moods(seed)
        told = {"NOTIFY_URL": texts.url, "NOTIFY_KEY": notify.KEY, "NOTIFY_TEMPLATE": notify.TEMPLATE}
        with setting(folder, seed, **told) as made:
            yield Scene(made, texts)


def ends(seed: int, stage: int) -> list[str]:
    """What is ended at this stage: each at one that the seed chooses."""
    return [name for turn, name in enumerate(("withdrawn", "over")) if (seed + turn) % len(STAGES) == stage]


@pytest.mark.timeout(1200)
class TestClimbing:
    @pytest.mark.parametrize("seed", [1, 2, 3])
    def test_comes_to_each_step_once_whatever_dies(self, tmp_path, seed):
        with scene(tmp_path, seed) as here:
            here.begins(24, SLOWLY)
            for number, (minutes, kind) in enumerate(STAGES):
                dying = lambda number=number: storm(here.made, seed * 10 + number, kills=7, pause=(0.1, 0.8))  # noqa: E731
                here.passes(minutes, seed, kind, dying, *ends(seed, number))
            here.judge(patience=300)

    def test_survives_a_death_between_any_two_writes(self, tmp_path):
        """At each step a process dies once before, and once after, everything that a round writes."""
        with scene(tmp_path, seed=4) as here:
            here.begins(12, " ".join([SLOWLY, *(f"{point}:once" for point in POINTS)]))
            for number, (minutes, kind) in enumerate(STAGES):
                here.passes(minutes, 4, kind, lambda: None, *ends(4, number))
                here.died_at(set(POINTS))
            here.judge(patience=180)

    def test_without_any_set_up(self, tmp_path):
        """SQLite and bells in files: there a worker dies as a whole."""
        points = {"climbing._give:before", "climbing._record:after"}
        with scene(tmp_path, seed=5, setting=on_files) as here:
            here.begins(12, " ".join([SLOWLY, *(f"{point}:once" for point in points)]))
            for number, (minutes, kind) in enumerate(STAGES):
                here.passes(minutes, 5, kind, lambda: here.made.kill_beat(0), *ends(5, number))
                here.died_at(points)
            here.judge(patience=300)
