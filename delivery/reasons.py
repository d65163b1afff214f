"""What the other side said of a message: as it is written down, and as it is shown to those who may see no content.

Nothing is written down with somebody's address or number in it, or with a character that a terminal or a database
takes for more than a letter (`kept`). Still a server's answer may hold a name or a piece of the message, so people are
shown only words that servers and the post itself use, and the reply code in front (RFC 5321 section 4.2, RFC 3463).
What is not known is left out: a list of what to leave out would one day miss something.
"""

from __future__ import annotations

import re

CODE = re.compile(r"\s*(?:([2-5][0-9]{2})\b[ -]*)?([245]\.[0-9]{1,3}\.[0-9]{1,3}\b(?!\.[0-9]))?")
WORD = re.compile(r"[A-Za-z][A-Za-z’'-]*")
# Whatever has a sign of an address, a path, a name of a machine or a number in it is no word.
THING = re.compile(r"\S*[@/\\:=<>\[\](){}\"“”_0-9]\S*|\S+\.\S+")
MOST = 12  # words
LENGTH = 300  # characters of what is written down
ADDRESS = re.compile(r"<?(?:\"[^\"]+\"|[^\s<>\"(),;:]+)@[^\s<>\"'(),;:]+>?")
NUMBER = re.compile(r"(?<![\d.])\+?\d(?:[ ()-]*\d){6,}")  # what could be somebody's
END = re.compile(r"[:,.;]+(?=\s|$)")  # no part of the word before it
UNKNOWN = "No reason given"
_WORDS = """
    a access account action address administrative all an and answer answered are as at authenticated authentication
    authorised authorized available bad be been before block blocked body bounce busy but by came cannot certificate
    characters closed command complete connect connection content could credentials deadline delivered delivery denied
    destination did disabled disk does domain down e-mail email ended endpoint error exceeded exist exists expired
    failed failure far filter for forbidden found from full gave go going gone greeting greylisted has have header host
    in inactive incorrect insufficient internal invalid is it its key later left limit line listed local long longer
    lost made mail mailbox many may message messages mobile name network never no not number of off on one only open
    or out outside over overloaded permanent permanently permitted person phone please policy possible preferences
    problem process protocol provider quota rate reach reached reason receive recipient redirect refused rejected relay
    relaying reply reputation request requested required reset resolved resource resources response route rule
    security sending sender server service set side sign-in size slow space spam spf stopped storage such suppressed
    suspended syntax system target technical temporarily temporary test text than that the their there this throttled
    time timed to timeout too try trying turned unable unavailable undeliverable unknown unreachable unroutable
    unsolicited until up usable use user valid verified verify very volume was went while with withdrawn without wrong
    transaction your half way again seconds minutes virtual table sent made another asked operator moved
"""
KNOWN = frozenset(_WORDS.split())
CLASS = re.compile(r"\b[A-Z]\w*(?:Error|Exception|Disconnected)\b:?")
SPLIT = re.compile(r"(?<=[a-z])(?=[A-Z])")


def plain(words: str) -> str:
    """One line, without what cannot be seen: line ends, NUL, a terminal’s escapes, turned directions."""
    return " ".join("".join(each if each.isprintable() else " " for each in words).split())


def kept(said: str) -> str:
    """What the other side said, as it may be written down: one line, and nobody's address or number in it."""
    line = plain(said)
    end = _code(line).end()
    code, rest = line[:end], line[end:]
    return (code + NUMBER.sub("(number)", ADDRESS.sub("(address)", rest)))[:LENGTH]


def reason(detail: str) -> str:
    """`550 5.1.1 <mia@…> Mia: user unknown` as `550 5.1.1 user unknown`."""
    found = _code(detail)
    code = " ".join(part for part in found.groups() if part)
    rest = THING.sub(" ", END.sub(" ", detail[found.end() :]))
    said = " ".join(_known(CLASS.sub(" ", rest)) or _known(SPLIT.sub(" ", rest)))
    return " ".join(part for part in (code, said if code else said[:1].upper() + said[1:]) if part) or UNKNOWN


def _code(line: str) -> re.Match[str]:
    found = CODE.match(line)
    assert found is not None  # noqa: S101  it matches nothing as well
    return found


def _known(words: str) -> list[str]:
    return [word for word in WORD.findall(words.lower()) if word in KNOWN][:MOST]
