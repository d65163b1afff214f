"""What the chapters of the story share: the clock it is told by, chance that always falls the same way, and telephone
numbers that ring nowhere."""

from __future__ import annotations

import datetime as dt
import random
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from network.models import Agency, Area, Membership, Network

DATA = Path(__file__).resolve().parent.parent / "data"
SEED = 20261122

# Numbers that Ofcom keeps for drama: none of them is anybody's. How each begins, and how many digits follow.
DRAMA = {
    "0191": ("0191 498 0", 3),
    "01632": ("01632 960", 3),
    "0808": ("0808 157 0", 3),
    "03069": ("03069 990", 3),
    "07700": ("07700 900", 3),
}


@dataclass
class World:
    """Everything made so far, by name, and what the audit trail will say of it."""

    now: dt.datetime = field(default_factory=timezone.now)
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311 — a story, not a secret
    networks: dict[str, Network] = field(default_factory=dict)
    agencies: dict[str, Agency] = field(default_factory=dict)
    people: dict[str, User] = field(default_factory=dict)
    leads: dict[str, User] = field(default_factory=dict)
    areas: dict[str, Area] = field(default_factory=dict)
    suspended: list[Membership] = field(default_factory=list)
    memories: list[Entry] = field(default_factory=list)
    numbers_given: dict[str, int] = field(default_factory=dict)

    @property
    def today(self) -> dt.date:
        """The day the story is told, in London."""
        return timezone.localdate(self.now)

    def ago(self, days: int, at: str = "09:30") -> dt.datetime:
        """A moment on the day so many days ago, by the clock in London. Never later than now."""
        hour, minute = map(int, at.split(":"))
        day = self.today - dt.timedelta(days)
        then = dt.datetime.combine(day, dt.time(hour, minute), timezone.get_default_timezone())
        return min(then, self.now - dt.timedelta(minutes=5))

    def ahead(self, days: int, at: str) -> dt.datetime:
        """A moment on a coming day; on a weekend, the Monday after it."""
        day = self.today + dt.timedelta(days)
        day += dt.timedelta({5: 2, 6: 1}.get(day.weekday(), 0))
        hour, minute = map(int, at.split(":"))
        return dt.datetime.combine(day, dt.time(hour, minute), timezone.get_default_timezone())

    def phone(self, kind: str) -> str:
        """The next number of a drama range, never given before in this story."""
        start, digits = DRAMA[kind]
        number = self.numbers_given[kind] = self.numbers_given.get(kind, 9) + 1
        return f"{start}{number:0{digits}}"

    def remember(self, verb: str, subject: Model, *, by: Model | None, at: dt.datetime, **details: Any) -> None:
        """Keep a deed for the trail, as the action would have recorded it at that moment."""
        self.memories.append(
            Entry(
                at=at,
                verb=verb,
                subject_type=subject._meta.label_lower,
                subject_id=str(subject.pk),
                subject_name=str(getattr(subject, "audit_name", ""))[:200],
                actor_id=by.pk if by else None,
                actor_name=str(by) if by else "",
                network_id=scope(subject, "network"),
                agency_id=scope(subject, "agency"),
                concealed=bool(getattr(subject, "is_concealed", False)),
                details=details,
            )
        )

    def write_memories(self) -> int:
        """Write the trail in the order in which things happened; return how many entries."""
        return len(Entry.objects.bulk_create(sorted(self.memories, key=lambda entry: entry.at), batch_size=500))


def scope(subject: Model, kind: str) -> Any:
    """The network or agency a row is, or belongs to."""
    return subject.pk if subject._meta.model_name == kind else getattr(subject, f"{kind}_id", None)


def told(name: str) -> dict[str, Any]:
    """A chapter's text."""
    return tomllib.loads((DATA / f"{name}.toml").read_text(encoding="utf-8"))
