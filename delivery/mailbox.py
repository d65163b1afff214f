"""The mailbox that bounces come to, read over IMAP (RFC 9051) and TLS; never without it.

A message that was dealt with is marked as seen. Two who read at once do no harm: each report counts once.
"""

from __future__ import annotations

import imaplib
import ssl
from collections import Counter
from typing import Any

from django.conf import settings

from delivery import returns
from delivery.bounces import LARGEST

MOST = 500  # messages in one go; the next bell reads on
PATIENCE = 30  # seconds
PROBLEMS = (OSError, imaplib.IMAP4.error)


def is_on() -> bool:
    """Whether the settings name a mailbox."""
    return bool(settings.BOUNCE_IMAP_HOST)


def read() -> Counter[returns.Verdict]:
    """Act on each unseen message; return how many there were of each verdict. Raises one of PROBLEMS."""
    context = ssl.create_default_context()
    host, port = settings.BOUNCE_IMAP_HOST, settings.BOUNCE_IMAP_PORT
    with imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=PATIENCE) as box:
        box.login(settings.BOUNCE_IMAP_USER, settings.BOUNCE_IMAP_PASSWORD)
        _good(box.select(f'"{settings.BOUNCE_IMAP_FOLDER}"'))
        found = _good(box.uid("SEARCH", "UNSEEN"))
        return Counter(_read_one(box, uid.decode("ascii")) for uid in (found[0] or b"").split()[:MOST])


def _read_one(box: imaplib.IMAP4, uid: str) -> returns.Verdict:
    parts = _good(box.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST}>)"))
    raw = next((part[1] for part in parts if isinstance(part, tuple)), b"")
    verdict = returns.take_in(raw)
    if verdict is not returns.Verdict.EARLY:
        _good(box.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))
    return verdict


def _good(answer: tuple[str, list[Any]]) -> list[Any]:
    if answer[0] != "OK":
        raise imaplib.IMAP4.error("The mailbox refused.")
    return answer[1]
