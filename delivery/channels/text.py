"""Text messages, by GOV.UK Notify's REST API. Off unless the settings have a key and a template.

What a message says is ours: the network, the urgency and the reference, and to sign in; no place, no person, and
nothing of the subject. The template at Notify is `((message))`.

201 is accepted. 400 is for good, where it is about the number; about the template it is for an operator to mend, as is
403 (the key, or our clock). 429 and 5xx are tried again later. Notify does not look at our reference before it sends,
so a request that got no answer is unsure, and the same message may come twice: its row says so.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit

import jwt
import requests
from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from delivery import envelopes
from delivery.channels import Item, Outcome, Result, Unreachable
from delivery.channels.answers import PatientSession, nothing_was_sent
from delivery.channels.parts import Parts, parts, unusual
from delivery.models import Delivery, Mailing, Number, Preference, SetAside
from network.models import Network

__all__ = ["EXAMPLE", "Parts", "Preview", "Text", "is_on", "message_of", "parts", "preview", "previews"]

UUID_LENGTH = 36
EXAMPLE = "Your network: immediate alert DUR-2026-0042. Sign in to Lantern to read it."
OURS_TO_MEND = re.compile(r"template|personalisation", re.IGNORECASE)


class Preview(NamedTuple):
    """What a text message would say, what it is sent as, and the characters that make it dearer."""

    text: str
    parts: Parts
    unusual: list[str]


def is_on() -> bool:
    """Whether text messages can be sent at all."""
    return bool(settings.NOTIFY_KEY and settings.NOTIFY_TEMPLATE)


def message_of(mailing: Mailing) -> str:
    """What the message says."""
    kind = mailing.get_kind_display().lower()
    what = f"{mailing.get_urgency_display().lower()} {kind} {mailing.reference}"
    return f"{mailing.network}: {what}. Sign in to Lantern to read it."


def preview(mailing: Mailing) -> Preview:
    """The message, counted before it is sent."""
    words = message_of(mailing)
    return Preview(words, parts(words), unusual(words))


def previews() -> list[tuple[Network, Preview]]:
    """What an immediate alert of each network would say, by name: for who runs the platform, who sees every network."""
    found = []
    for network in Network.objects.order_by("name"):
        reference = f"{network.prefix}-2026-0042"
        kind, urgency = Mailing.Kind.ALERT, Mailing.Urgency.IMMEDIATE
        found.append((network, preview(Mailing(network=network, reference=reference, kind=kind, urgency=urgency))))
    return found


class Text:
    """A line to GOV.UK Notify."""

    _session: PatientSession
    stands_in = True
    is_open = False
    handed_over = 0

    @staticmethod
    def server() -> str:
        """Where Notify is."""
        return urlsplit(settings.NOTIFY_URL).netloc

    @staticmethod
    def address() -> str:
        """The number the person has given, at the moment of sending."""
        return "recipient__person__text_number__number"

    @staticmethod
    def wanted(mailing: Mailing) -> Q:
        """Those who have a number and asked for this kind at once."""
        asked = Preference.objects.filter(
            person=OuterRef("person"),
            kind=mailing.kind,
            channel=Delivery.Channel.TEXT,
            choice=Preference.Choice.AT_ONCE,
        )
        return Text.reaches() & Q(Exists(asked))

    @staticmethod
    def reaches() -> Q:
        """Those who have a number that works."""
        if not is_on():
            return Q(pk__in=[])
        dead = SetAside.objects.filter(
            person=OuterRef("person"),
            channel=Delivery.Channel.TEXT,
            address=OuterRef("number"),
            until_at=None,
            flagged_only=False,
        )
        return Q(Exists(Number.objects.filter(~Exists(dead), person=OuterRef("person"))))

    def __enter__(self) -> Self:
        """Reach the server. Any answer will do: what it thinks of us it says to the first message."""
        if not is_on():
            raise Unreachable("Text messages are not set up.")
        self._session = PatientSession()
        try:
            self._session.ask("HEAD", f"{settings.NOTIFY_URL}/")
        except requests.RequestException as problem:
            self._session.close()
            raise Unreachable(type(problem).__name__) from problem
        self.is_open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        self._session.close()

    def send(self, mailing: Mailing, batch: Sequence[Item]) -> Iterator[Outcome]:
        """Hand over each message in turn and say how it went. What concerns all of them ends the line."""
        words = message_of(mailing)
        for item in batch:
            if not self.is_open:
                yield Outcome(item.delivery, Result.UNTRIED)
            elif not item.address:
                yield Outcome(item.delivery, Result.REFUSED, "The person has no number any more.")
            else:
                outcome = self._handed_over(item, words)
                self.is_open = outcome.result in {Result.ACCEPTED, Result.REFUSED}
                self.handed_over += self.is_open
                yield outcome

    def _handed_over(self, item: Item, words: str) -> Outcome:
        return self.say(item.address, words, envelopes.token(item.delivery, item.address), item.delivery)

    def say(self, number: str, words: str, reference: str, delivery: int = 0) -> Outcome:
        """Hand over one message in these words, and say how it went."""
        asked = {
            "phone_number": number,
            "template_id": settings.NOTIFY_TEMPLATE,
            "personalisation": {"message": words},
            "reference": reference,
        }
        address = f"{settings.NOTIFY_URL}/v2/notifications/sms"
        try:
            answer = self._session.ask("POST", address, json=asked, headers={"Authorization": f"Bearer {_pass()}"})
        except requests.RequestException as problem:
            result = Result.LATER if nothing_was_sent(problem) else Result.UNSURE
            return Outcome(delivery, result, type(problem).__name__)
        return _outcome(delivery, answer)


def _pass() -> str:
    """Who we are, for the next half minute: RFC 7519, HS256, as Notify's API asks for it."""
    service, secret = settings.NOTIFY_KEY[-2 * UUID_LENGTH - 1 : -UUID_LENGTH - 1], settings.NOTIFY_KEY[-UUID_LENGTH:]
    return jwt.encode({"iss": service, "iat": int(time.time())}, secret, algorithm="HS256")


def _outcome(delivery: int, answer: requests.Response) -> Outcome:
    said = _said(answer)
    if answer.status_code == 201:
        return Outcome(delivery, Result.ACCEPTED, receipt=str(said.get("id", "")))
    words = f"{answer.status_code} {_problems(said)}".strip()
    for_good = answer.status_code == 400 and not OURS_TO_MEND.search(words)
    return Outcome(delivery, Result.REFUSED if for_good else Result.LATER, words)


def _said(answer: requests.Response) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _problems(said: dict[str, Any]) -> str:
    errors = said.get("errors")
    listed = errors if isinstance(errors, list) else []
    return "; ".join(str(each.get("message", "")) for each in listed if isinstance(each, dict))
