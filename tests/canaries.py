"""Canaries: each protected value becomes a text that is nowhere else, so that wherever it turns up we know what leaked.

The oracle says who may be shown it, and whether only the answer to one press may. It is looked for in pages, headers,
mail, log lines, messages between processes, and what sessions, caches and the audit trail keep.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils import timezone

from accounts import codes
from accounts.sealing import seal
from delivery.channels import webhook
from delivery.models import Breaker, Endpoint, Number, SetAside
from directory import safe_places, search
from directory.models import Listing
from tests.oracle import Reader, World, may_see
from tests.worlds import reading

MAIL, LINK, TEXT, NUMBER = "{}@mail.example", "https://{}.example/", "{}", "{} 900982"
NOBODY = ""  # shown to nobody, ever
# Kind: column, how the value looks, and the kind whose rule says who may be shown it.
PROTECTED: dict[str, list[tuple[str, str, str]]] = {
    "listing": [(name, TEXT, "listing") for name in ("name", "summary", "description", "referral", "languages")],
    "contact": [
        ("function", TEXT, "contact"),
        ("phone", TEXT, "contact"),
        ("email", MAIL, "contact"),
        ("officer", TEXT, "contact"),
    ],
    "mobile": [("number", NUMBER, "mobile")],
    "person": [("name", TEXT, "person"), ("email", MAIL, "person")],
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
    "number": [("number", TEXT, "number")],
    "set_aside": [("detail", TEXT, NOBODY)],
    "endpoint": [("name", TEXT, "endpoint"), ("url", LINK, "endpoint")],
    "delivery": [("detail", TEXT, "delivery"), ("receipt", TEXT, NOBODY)],
    "report": [("detail", TEXT, NOBODY), ("key", TEXT, NOBODY)],
    "agency": [("team_email", MAIL, "agency"), ("office_phone", TEXT, "agency"), ("description", TEXT, "agency")],
}
# Only the answer to a POST there may show it, whoever asks.
REVEALED_BY = {
    "mobile": lambda row: reverse("directory:reveal_mobile", args=[row.pk]),
    "safe_place": lambda row: reverse("directory:safe_place", args=[row.listing_id]),
    "safe_place_change": lambda row: reverse("directory:safe_place_change", args=[row.pk]),
}
TOKEN = re.compile(r"qx[2-7]{5}zz")  # made of what base 32 knows, so that it can be a secret of an app as well


class Canary(NamedTuple):
    """One planted value: what it stands for, and whose rule decides about it."""

    kind: str
    column: str
    row: Any
    rule: str
    only_by: str = ""  # the POST that reveals it


class Canaries:
    """All that are planted in the database as it stands."""

    def __init__(self) -> None:
        self.numbers = map("".join, itertools.product("234567", repeat=5))
        self.planted: dict[str, Canary] = {}
        for kind, columns in PROTECTED.items():
            for row in list(reading.model(kind)._base_manager.all()):
                self._plant(kind, row, columns)
        for kind in ("safe_place", "safe_place_change"):
            self._plant_sealed(kind)
        self._plant_in_apps()
        self._plant_in_the_post()
        search.index(Listing.objects.all())
        self.now: World = reading.world(timezone.now() + dt.timedelta(seconds=1))
        self.answers: dict[Any, bool] = {}

    def leaks(self, someone: Any, *texts: Any, fresh: bool = True, posted: str = "") -> Iterator[str]:
        """What of it stands in these texts and is not for this reader (None: for nobody, as in a log), whose second
        factor is fresh or not, in the answer to a POST to this address."""
        for canary in self.found(*texts):
            if not self.may(someone, canary, fresh=fresh) or canary.only_by not in ("", posted):
                yield f"{canary.kind}.{canary.column}"

    def found(self, *texts: Any) -> list[Canary]:
        """All that stand in these texts, also written in groups of four."""
        plain = [each for text in texts for each in (_plain(text), _plain(text).replace(" ", ""))]
        tokens = {token for text in plain for token in TOKEN.findall(text)}
        return [self.planted[token] for token in sorted(tokens) if token in self.planted]

    def of(self, kind: str, row: Any) -> str:
        """What was planted in this row."""
        return next(token for token, canary in self.planted.items() if (canary.kind, canary.row) == (kind, row))

    def may(self, someone: Any, canary: Canary, *, fresh: bool = True) -> bool:
        """Whether the oracle lets this reader see it, having given a second factor just now, or long ago."""
        if someone is None or canary.rule == NOBODY:
            return False
        place = (getattr(someone, "pk", None), canary, fresh)
        if place not in self.answers:
            reader = Reader(self.now, person=someone.pk, fresh=fresh) if someone.is_authenticated else Reader(self.now)
            self.answers[place] = may_see(reader, canary.rule, canary.row) or self._told(reader, canary)
        return self.answers[place]

    def _told(self, reader: Reader, canary: Canary) -> bool:
        """Whoever may answer an offer learns what it is called, and whoever knows of an invitation who sent it: no more
        of either."""
        if (canary.kind, canary.column) == ("listing", "name"):
            return any(may_see(reader, "share", share.id) for share in self.now.some("share", listing_id=canary.row))
        if (canary.kind, canary.column) == ("person", "name"):
            sent = self.now.some("invitation", invited_by_id=canary.row)
            return any(may_see(reader, "invitation", invitation.id) for invitation in sent)
        return False

    def _plant(self, kind: str, row: Any, columns: list[tuple[str, str, str]]) -> None:
        changes = {}
        for column, looks, rule in columns:
            if getattr(row, column):
                changes[column] = looks.format(self._token(Canary(kind, column, row.pk, rule, _only_by(kind, row))))
        reading.model(kind)._base_manager.filter(pk=row.pk).update(**changes)

    def _plant_sealed(self, kind: str) -> None:
        """An address that only a reveal, with a reason, may show."""
        for row in reading.model(kind)._base_manager.all():
            facts = {"address": self._token(Canary(kind, "address", row.pk, kind, _only_by(kind, row)))}
            sealed = safe_places.sealed(facts, row.listing_id)
            reading.model(kind)._base_manager.filter(pk=row.pk).update(sealed=sealed)

    def _plant_in_apps(self) -> None:
        """The secret of an authenticator app, which is shown while it is set up and never again."""
        for app in Authenticator.objects.filter(type=codes.Kind.TOTP):
            secret = self._token(Canary("app", "secret", app.pk, NOBODY)).ljust(32, "a")
            Authenticator.objects.filter(pk=app.pk).update(data={"secret": seal(secret, codes.PURPOSE), "period": 0})

    def _plant_in_the_post(self) -> None:
        """The secret of a webhook, what a mailing that stays inside says, what a server said; and addresses set aside
        are those that people have now, or nobody would be shown them."""
        for row in Endpoint.objects.all():
            secret = self._token(Canary("endpoint", "secret", row.pk, NOBODY))
            Endpoint.objects.filter(pk=row.pk).update(secret=seal(secret, webhook.SEALED_FOR))
        for breaker in Breaker.objects.all():
            said = self._token(Canary("breaker", "problem", breaker.pk, NOBODY))
            Breaker.objects.filter(pk=breaker.pk).update(problem=f"550 {said} unknown")
        for row in SetAside.objects.filter(channel="email").select_related("person"):
            SetAside.objects.filter(pk=row.pk).update(address=row.person.email)
        for row in SetAside.objects.filter(channel="text"):
            number = Number.objects.get(person=row.person_id).number
            SetAside.objects.filter(pk=row.pk).update(address=number)

    def _token(self, canary: Canary) -> str:
        token = f"qx{next(self.numbers)}zz"
        self.planted[token] = canary
        return token


def _only_by(kind: str, row: Any) -> str:
    return REVEALED_BY[kind](row) if kind in REVEALED_BY else ""


def _plain(text: Any) -> str:
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
