"""What a text message costs: how many messages a text is sent as.

A text in the alphabet of GSM (3GPP TS 23.038, section 6.2.1) takes 160 characters in one message, or 153 in each of
several, of which those of its extension count twice. One character from outside, and the whole text is sent as UCS-2:
70, or 67 in each. A character of two halves is never split between messages.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = frozenset("\f^{}\\[~]|€")
GSM, UCS2 = "GSM", "UCS-2"
ROOM = {GSM: (160, 153), UCS2: (70, 67)}  # in one message alone, and in each of several


class Parts(NamedTuple):
    """How long a text is, as how many messages it is sent, and in which alphabet."""

    characters: int
    parts: int
    charset: str


def parts(text: str) -> Parts:
    """What this text is sent as. An empty one is one message with nothing in it."""
    charset = UCS2 if unusual(text) else GSM
    widths = [_width(character, charset) for character in text]
    alone, each = ROOM[charset]
    return Parts(sum(widths), 1 if sum(widths) <= alone else _packed(widths, each), charset)


def unusual(text: str) -> list[str]:
    """The characters, each once, that make a text dearer: those that GSM's alphabet does not have."""
    return sorted(set(text) - BASIC - EXTENSION)


def _width(character: str, charset: str) -> int:
    return (2 if ord(character) > 0xFFFF else 1) if charset == UCS2 else (2 if character in EXTENSION else 1)


def _packed(widths: Iterable[int], room: int) -> int:
    count, filled = 1, 0
    for width in widths:
        if filled + width > room:
            count, filled = count + 1, 0
        filled += width
    return count
