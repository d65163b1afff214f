"""What a mail server writes when a message of ours cannot be delivered: which delivery it is about, and what became of
it.

Reports follow RFC 3464 (message/delivery-status) with status codes of RFC 3463. Servers that write plain words instead
are understood where these hold such a code. It is about a delivery of ours only if it names it as `delivery.envelopes`
does; replies of people who are away are sent to the same address (RFC 3834) and are no bounces.
"""

from __future__ import annotations

import email
import hashlib
import re
from collections.abc import Iterator
from email.message import Message
from typing import NamedTuple

from delivery import envelopes
from delivery.envelopes import Known
from delivery.models import Report
from delivery.reasons import kept

LARGEST = 256 * 1024  # bytes of one message; more of it is not looked at
WORDS_READ = 20_000  # characters of a plain report
STATUS = re.compile(r"(?<![\d.])([245])\.\d{1,3}\.\d{1,3}(?![\d.]*\d)")
REPLY = re.compile(r"(?<![\d.-])([45])(?:5[0-4]|2[01])(?![\d.])")  # what SMTP itself says, RFC 5321 section 4.2.3
FROM_A_SERVER = re.compile(r"mailer-daemon|postmaster", re.IGNORECASE)
# 5.x.x that speaks of the mailbox being full, the system, the message or a rule: the address may well be right.
NOT_THE_ADDRESS = re.compile(r"(?:4|5\.2\.[23]|5\.[367])\b")


class NoBounce(ValueError):  # noqa: N818
    """The message is about no delivery of ours, or says nothing of what became of it. In words without a person."""


class Bounce(NamedTuple):
    """What became of a delivery, in the server's words, and the report's own name. `final` means that the server has
    given up on this message."""

    known: Known
    kind: str
    detail: str
    key: str
    final: bool

    @property
    def address_is_dead(self) -> bool:
        """Whether it is the address that does not work, and not the mailbox's room, the message or a rule."""
        return address_is_dead(self.detail)


class _Said(NamedTuple):
    action: str
    status: str
    words: str


def address_is_dead(detail: str) -> bool:
    """Whether a refusal for good, in the server's words, speaks of the address."""
    return not NOT_THE_ADDRESS.match(detail)


def read(raw: bytes) -> Bounce:
    """What this message reports. Raises NoBounce."""
    known = envelopes.known(raw.decode("latin-1"))
    if known is None:
        raise NoBounce("It names no delivery of ours.")
    message = email.message_from_bytes(raw)
    said = next(_reported(message), None) or _in_plain_words(message)
    kind = _kind(said)
    return Bounce(known, kind, kept(f"{said.status} {said.words}"), _key(message, raw, said), said.action == "failed")


def _reported(message: Message) -> Iterator[_Said]:
    for part in message.walk():
        groups = part.get_payload() if part.get_content_type() == "message/delivery-status" else []
        for group in groups if isinstance(groups, list) else []:
            if isinstance(group, Message) and group.get("Action"):
                yield _of_group(group)


def _of_group(group: Message) -> _Said:
    words = str(group.get("Diagnostic-Code", "")).partition(";")[2]
    found = STATUS.search(str(group.get("Status", ""))) or STATUS.search(words)
    return _Said(str(group["Action"]).strip().lower(), found[0] if found else "", words)


def _in_plain_words(message: Message) -> _Said:
    if str(message.get("Auto-Submitted", "")).strip().lower().startswith("auto-replied"):
        raise NoBounce("It is an automatic reply.")
    empty_sender = str(message.get("Return-Path", "")).strip() == "<>"
    if not (empty_sender or FROM_A_SERVER.search(str(message.get("From", "")))):
        raise NoBounce("It is not from a mail server.")
    words = _text_of(message)
    found = STATUS.search(words) or REPLY.search(words)
    if not found or found[1] == "2":
        raise NoBounce("It says nothing of what became of the message.")
    return _Said("failed" if found[1] == "5" else "delayed", found[0], "")


def _text_of(message: Message) -> str:
    for part in message.walk():
        if part.get_content_type() == "text/plain":
            content = part.get_payload(decode=True)
            return content.decode("utf-8", "replace")[:WORDS_READ] if isinstance(content, bytes) else ""
    return ""


def _kind(said: _Said) -> str:
    if said.action == "delivered":
        return Report.Kind.DELIVERED
    if said.action not in {"failed", "delayed"}:
        raise NoBounce("It was passed on to a server that says nothing more.")
    hard = said.action == "failed" and not said.status.startswith("4")
    return Report.Kind.HARD if hard else Report.Kind.SOFT


def _key(message: Message, raw: bytes, said: _Said) -> str:
    """The same when the same report comes again, by whichever way."""
    own = str(message.get("Message-ID", "")).strip()
    name = f"{own} {said.action} {said.status}".encode() if own else raw
    return hashlib.sha256(name).hexdigest()
