"""A message built once for its mailing and filled for each person.

Building MIME costs many times what filling costs, so the text is encoded and split once, where a person's own words
go, and each copy is joined from bytes. Personal words are encoded by themselves (quoted-printable, RFC 2045 section
6.7) between two soft line breaks, so they can neither end a line nor reach a header; the address is held to a strict
shape. What comes out is ready for SMTP: CRLF line ends, dots doubled (RFC 5321 section 4.5.2), nothing beyond ASCII.
"""

from __future__ import annotations

import binascii
import re
import secrets
from email.header import Header
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from html import escape
from typing import Any
from uuid import uuid5

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from delivery import muting
from delivery.channels import Item, Listed
from delivery.models import Mailing

# Dot-atoms only (RFC 5322 section 3.2.3): no quotes, spaces, angle brackets or control characters can get in.
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+")
_DOMAIN = re.compile(r"[A-Za-z0-9.-]+")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]+")
# `binascii` makes lines of 77 and 78 characters where one of 75 ends in a space; RFC 2045 section 6.7 allows 76.
_OVERLONG = re.compile(rb"^(.{74,75})(=20|=09)$", re.MULTILINE)
_FULL_AT_END = re.compile(rb"^(?:(.{73})(=..)|(.{75})(.))\Z", re.MULTILINE)  # no room for the soft break after it
_LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)
_AS_IT_STANDS = re.compile(r"(?:[A-Za-z0-9](?:[ -<>-~]{0,70}[!-<>-~])?)?")  # needs no encoding: most names and reasons
_SLOTS = ("name", "reason")  # a person's own words in each part; a summary's has a list as well


class Unusable(ValueError):  # noqa: N818
    """An address that may not be written into a message."""


class Letter:
    """One mailing's message. `fill` gives the copy for one person, as bytes."""

    def __init__(self, mailing: Mailing) -> None:
        """Render and encode everything that is the same for all."""
        self._mailing_id, self._kind = mailing.pk, mailing.kind
        self._may_be_muted = mailing.may_be_muted
        self._domain = sender_address().rpartition("@")[2]
        boundary = f"=_{mailing.pk.hex}"  # cannot occur in quoted-printable text
        pieces: list[bytes | str] = [*_head(mailing, boundary)]
        for kind in ("plain", "html"):
            start = f"--{boundary}\nContent-Type: text/{kind}; charset=utf-8\n"
            pieces += [start.encode(), b"Content-Transfer-Encoding: quoted-printable\n\n"]
            pieces += [*_encoded(mailing, kind), b"\n"]
        pieces.append(f"--{boundary}--\n".encode())
        self._pieces = [_wire(piece) if isinstance(piece, bytes) else b"" for piece in pieces]
        self._holes = [(place, piece) for place, piece in enumerate(pieces) if isinstance(piece, str)]

    def fill(self, item: Item) -> bytes:
        """The copy for this person. Raises Unusable for an address that cannot be written down safely."""
        values = {
            "address": checked(item.address).encode("ascii"),
            "message_id": self.message_id(item).encode("ascii"),
            "muting": muting.token(item.person, self._kind).encode("ascii") if self._may_be_muted else b"",
            **_personal("plain", _plain(item)),
            **_personal("html", _html(item)),
        }
        pieces = self._pieces.copy()
        for place, hole in self._holes:
            pieces[place] = values[hole]
        return b"".join(pieces)

    def message_id(self, item: Item) -> str:
        """The same for each attempt at one delivery, and telling nothing of machine, person or number."""
        return f"{uuid5(self._mailing_id, str(item.delivery))}@{self._domain}"


@lru_cache(maxsize=16)
def letter_for(mailing: Mailing) -> Letter:
    """The mailing's letter, built once in this process: a mailing never changes after its release."""
    return Letter(mailing)


def checked(address: str) -> str:
    """The address as it may go into an envelope and a header, its domain in ASCII. Raises Unusable otherwise."""
    local, _, domain = address.rpartition("@")
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError as problem:
            raise Unusable("The domain of the email address cannot be written in ASCII.") from problem
    if not (_LOCAL.fullmatch(local) and _DOMAIN.fullmatch(domain)):
        raise Unusable("The email address has characters that may not be sent.")
    return f"{local}@{domain}"


def sender_address() -> str:
    """The fixed address that everything comes from."""
    return checked(parseaddr(settings.DEFAULT_FROM_EMAIL)[1])


def subject_of(mailing: Mailing) -> str:
    """The marking first. What stays inside shows no word of its own subject."""
    if mailing.stays_inside:
        return f"{mailing.marking}: {mailing.network}, {mailing.reference} ({mailing.get_urgency_display().lower()})"
    return f"{mailing.marking}: {mailing.subject}"


def contents_of(mailing: Mailing) -> dict[str, Any]:
    """All that the templates may know. For what stays inside that is marking, network, reference, urgency and link."""
    shown = {
        "marking": mailing.marking,
        "network": str(mailing.network),
        "reference": mailing.reference,
        "urgency": mailing.get_urgency_display(),
        "link": f"{settings.BASE_URL}{mailing.path}",
    }
    if mailing.stays_inside:
        return shown
    is_alert = mailing.kind == Mailing.Kind.ALERT
    own = {"kind": mailing.get_kind_display(), "is_alert": is_alert, "subject": mailing.subject, "text": mailing.text}
    return {**shown, **own, "choices_link": f"{settings.BASE_URL}{reverse('delivery:preferences')}"}


def render(mailing: Mailing, kind: str, **personal: str) -> str:
    """The text of one part, with these words for the person."""
    name = "withheld" if mailing.stays_inside else "message"
    ending = {"plain": "txt", "html": "html"}[kind]
    text = render_to_string(f"email/delivery/{name}.{ending}", {**contents_of(mailing), **personal})
    return re.sub(r"\r\n?", "\n", text)


def _head(mailing: Mailing, boundary: str) -> list[bytes | str]:
    name, _ = parseaddr(settings.DEFAULT_FROM_EMAIL)
    sender = f"<{sender_address()}>"
    fixed = [
        _header("From", name, sender) if name else f"From: {sender}",
        _header("Subject", subject_of(mailing)),
        f"Date: {format_datetime(mailing.released_at)}",
        "Auto-Submitted: auto-generated",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative;\n boundary="{boundary}"',
    ]
    head = "\n".join(fixed)
    begun: list[bytes | str] = [f"{head}\nTo: ".encode("ascii"), "address", b"\nMessage-ID: <", "message_id", b">\n"]
    muting_lines = _unsubscribing() if mailing.may_be_muted else []
    return [*begun, *muting_lines, b"\n"]


def _unsubscribing() -> list[bytes | str]:
    """For the button of a mail program (RFC 2369, section 3.2; RFC 8058, section 3.1): one press, no sign-in."""
    place = "0"
    before, after = f"{settings.BASE_URL}{reverse('delivery:mute', args=[place])}".rsplit(place, 1)
    one_click = f"{after}>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n"
    return [f"List-Unsubscribe: <{before}".encode("ascii"), "muting", one_click.encode("ascii")]


def _header(name: str, words: str, *rest: str) -> str:
    charset = "us-ascii" if words.isascii() else "utf-8"
    written = Header(_one_line(words), charset, header_name=name).encode()
    return " ".join([f"{name}: {written}", *rest])


def _encoded(mailing: Mailing, kind: str) -> list[bytes | str]:
    """The part's text, encoded, in pieces: bytes, and the names of the holes between them."""
    token = secrets.token_hex(16)  # so that no text can hold what looks like a hole
    slots = (*_SLOTS, "listed") if mailing.kind == Mailing.Kind.DIGEST else _SLOTS
    rendered = render(mailing, kind, **{slot: f"{token}{slot};" for slot in slots})
    words = re.split(f"{token}({'|'.join(slots)});", rendered)
    pieces: list[bytes | str] = [_quoted(words[0])]
    for slot, after in zip(words[1::2], words[2::2], strict=True):
        pieces += [b"=\n", f"{kind} {slot}", b"=\n" + _quoted(after)]
    return pieces


def _plain(item: Item) -> dict[str, str]:
    """The person's own words, as they stand in the text."""
    lines = [f"{_one_line(line.words)}\n{_one_line(line.link)}" for line in item.listed]
    return {"name": _one_line(item.name), "reason": _one_line(item.reason), "listed": "\n\n".join(lines)}


def _html(item: Item) -> dict[str, str]:
    """The same as markup, each word of it escaped."""
    words = {"name": escape(_one_line(item.name)), "reason": escape(_one_line(item.reason))}
    return {**words, "listed": "\n".join(_linked(line) for line in item.listed)}


def _linked(line: Listed) -> str:
    return f'<li><a href="{escape(_one_line(line.link))}">{escape(_one_line(line.words))}</a></li>'


def _personal(kind: str, words: dict[str, str]) -> dict[str, bytes]:
    return {f"{kind} {slot}": _safe(text) for slot, text in words.items()}


def _safe(words: str) -> bytes:
    return words.encode("ascii") if _AS_IT_STANDS.fullmatch(words) else _wire(_quoted(words))


def _one_line(words: str) -> str:
    return _UNSEEN.sub(" ", words)


def _quoted(text: str) -> bytes:
    encoded = binascii.b2a_qp(text.encode("utf-8", "replace"), istext=True)
    return _FULL_AT_END.sub(rb"\1\3=\n\2\4", _OVERLONG.sub(rb"\1=\n\2", encoded))


def _wire(piece: bytes) -> bytes:
    """CRLF line ends, and a dot doubled where it begins a line; each piece with words in it begins one."""
    if piece.isalnum():
        return piece
    return _LINE_START_DOT.sub(b"..", piece).replace(b"\n", b"\r\n")
