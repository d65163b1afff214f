"""Canaries: each protected value becomes a text that is nowhere else, so that wherever it turns up we know what leaked.

The oracle says who may be shown it. It is looked for in pages, headers, mail, log lines, messages between processes,
and what sessions and caches keep.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.utils import timezone

from directory import safe_places, search
from directory.models import Listing
from tests.oracle import Reader, World, may_see
from tests.worlds import reading

MAIL, LINK, TEXT = "{}@mail.example", "https://{}.example/", "{}"
NOBODY = ""  # shown to nobody, ever
# Kind: column, how the value looks, and the kind whose rule says who may be shown it.
PROTECTED: dict[str, list[tuple[str, str, str]]] = {
    "listing": [(name, TEXT, "listing") for name in ("name", "summary", "description", "referral", "languages")],
    "contact": [("function", TEXT, "contact"), ("phone", TEXT, "contact"), ("email", MAIL, "contact")],
    "place": [("street", TEXT, "place"), ("town", TEXT, "place")],
    "cover": [("name", TEXT, "cover"), ("reference", TEXT, "cover")],
    "grant": [("reason", TEXT, "grant")],
    "safe_place_grant": [("reason", TEXT, "safe_place_grant")],
    "alert": [(name, TEXT, "alert_text") for name in ("title", "text", "instruction", "handling")],
    "session": [("place", TEXT, "session")],
    "course": [("summary", TEXT, "course")],
    "joining": [("url", LINK, "joining")],
    "note": [("text", TEXT, "note")],
    "evidence": [("title", TEXT, "evidence"), ("url", LINK, "evidence")],
    "suspension": [("reason", TEXT, "suspension")],
    "invitation": [("name", TEXT, "invitation"), ("email", MAIL, "invitation"), ("digest", TEXT, NOBODY)],
    "agreement": [("text", TEXT, "agreement")],
    "key": [("name", TEXT, "key"), ("digest", TEXT, NOBODY)],
    "agency": [("team_email", MAIL, "agency"), ("office_phone", TEXT, "agency"), ("description", TEXT, "agency")],
}
TOKEN = re.compile(r"qx\d{5}zz")


class Canary(NamedTuple):
    """One planted value: what it stands for, and whose rule decides about it."""

    kind: str
    column: str
    row: Any
    rule: str


class Canaries:
    """All that are planted in the database as it stands."""

    def __init__(self) -> None:
        self.numbers = itertools.count(10001)
        self.planted: dict[str, Canary] = {}
        for kind, columns in PROTECTED.items():
            for row in list(reading.model(kind)._base_manager.all()):
                self._plant(kind, row, columns)
        for kind in ("safe_place", "safe_place_change"):
            self._plant_sealed(kind)
        search.index(Listing.objects.all())
        self.now: World = reading.world(timezone.now() + dt.timedelta(seconds=1))
        self.answers: dict[Any, bool] = {}

    def leaks(self, someone: Any, *texts: Any) -> Iterator[str]:
        """What of it stands in these texts and is not for this reader (None: for nobody, as in a log)."""
        found = {token for text in texts for token in TOKEN.findall(_plain(text))}
        for token in sorted(found):
            canary = self.planted.get(token)
            if canary and not self.may(someone, canary):
                yield f"{canary.kind}.{canary.column}"

    def may(self, someone: Any, canary: Canary) -> bool:
        """Whether the oracle lets this reader see it, having given a second factor just now."""
        if someone is None or canary.rule == NOBODY:
            return False
        place = (getattr(someone, "pk", None), canary)
        if place not in self.answers:
            reader = Reader(self.now, person=someone.pk, fresh=True) if someone.is_authenticated else Reader(self.now)
            self.answers[place] = may_see(reader, canary.rule, canary.row) or self._offered(reader, canary)
        return self.answers[place]

    def _offered(self, reader: Reader, canary: Canary) -> bool:
        """Whoever may answer an offer learns what it is called, and no more of it."""
        if (canary.kind, canary.column) != ("listing", "name"):
            return False
        return any(may_see(reader, "share", share.id) for share in self.now.some("share", listing_id=canary.row))

    def _plant(self, kind: str, row: Any, columns: list[tuple[str, str, str]]) -> None:
        changes = {}
        for column, looks, rule in columns:
            if getattr(row, column):
                changes[column] = looks.format(self._token(Canary(kind, column, row.pk, rule)))
        reading.model(kind)._base_manager.filter(pk=row.pk).update(**changes)

    def _plant_sealed(self, kind: str) -> None:
        """An address that only a reveal, with a reason, may show."""
        for row in reading.model(kind)._base_manager.all():
            facts = {"address": self._token(Canary(kind, "address", row.pk, NOBODY))}
            sealed = safe_places.sealed(facts, row.listing_id)
            reading.model(kind)._base_manager.filter(pk=row.pk).update(sealed=sealed)

    def _token(self, canary: Canary) -> str:
        token = f"qx{next(self.numbers)}zz"
        self.planted[token] = canary
        return token


def _plain(text: Any) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
