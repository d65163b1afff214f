"""What is compared with a secret of ours is compared in constant time: links to mute, names of deliveries, tokens of
callers, the token for the figures. How long an answer takes must not tell how much of a guess was right."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from delivery import envelopes, muting

pytestmark = pytest.mark.django_db
TOKEN = "an unpredictable token of theirs"


class Compared(Exception):  # noqa: N818
    """It was asked."""


@pytest.fixture
def asked(monkeypatch, settings):
    """The one comparison that takes the same time whatever it finds says that it was asked."""
    settings.RETURNS_TOKEN = settings.NOTIFY_CALLBACK_TOKEN = settings.METRICS_TOKEN = TOKEN

    def compare(one: Any, other: Any) -> bool:
        raise Compared

    return lambda: (
        monkeypatch.setattr(hmac, "compare_digest", compare)
        or monkeypatch.setattr("django.utils.crypto.secrets.compare_digest", compare)
    )


def returned(path: str) -> Callable[[], Any]:
    """A caller who guesses."""
    guess = {"Authorization": f"Bearer {TOKEN[:-1]}x"}
    kind = "message/rfc822" if "returns" in path else "application/json"
    return lambda: Client().post(path, b"x", content_type=kind, headers=guess)


def test_everything_that_is_a_secret_of_ours(asked, mia):
    mute, name = muting.token(mia.pk, "alert"), envelopes.token(7, mia.email)
    known = envelopes.known(name)
    guesses: list[Callable[[], Any]] = [
        lambda: muting.read(f"{mute[:-1]}x"),
        lambda: muting.read(mute),
        lambda: envelopes.known(f"{name[:-1]}0"),
        lambda: known.went_to("otto@harbour.example"),
        returned("/messages/returns/"),
        returned("/messages/receipts/"),
        lambda: Client().get("/metrics", headers={"Authorization": f"Bearer {TOKEN[:-1]}x"}),
    ]
    asked()
    for guess in guesses:
        with pytest.raises(Compared):
            guess()
