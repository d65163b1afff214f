"""Checks an export of the audit trail. One file, Python 3.11 or newer, nothing else needed: no Lantern, no database.

    python checker.py export.jsonl
    python checker.py export.jsonl --seal 42:9f86d081…

`--seal` is the number and the fingerprint from the daily email to the auditors, spaces allowed; it may be given more
than once. Without it a trail that was cut short or rewritten as a whole cannot be told from an honest one. Answers 0
when nothing is wrong, 1 when something is, 2 when the file cannot be read as an export: see `docs/audit-trail.md`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FORMAT = "lantern-trail-1"
FIRST_PREVIOUS = "0" * 64
LATE = dt.timedelta(hours=1)  # an entry is sealed within minutes; an hour allows for a long transaction
MOVED_WITHIN = 500  # an entry that was moved is looked for among so many
SEAL_COLUMNS = ("number", "previous", "first", "last", "count", "root", "sealed_at")
NUMBERS = {"sequence", "number", "first", "last", "count"}
COLUMNS = {
    "entry": {"sequence", "salt", "digest", "entry"},
    "hidden": {"sequence", "digest"},
    "missing": {"sequence", "digest"},
    "seal": {*SEAL_COLUMNS, "digest"},
    "unsealed": {"entry"},
}
BEFORE_ALL = {"number": 0, "last": 0, "digest": FIRST_PREVIOUS, "sealed_at": ""}
Line = dict[str, Any]


def canonical(value: Any) -> bytes:
    """The one way to write a value as JSON: keys sorted, no spaces, everything outside printable ASCII escaped."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode("ascii")


def moment(value: dt.datetime) -> str:
    """A moment in UTC with microseconds: 2026-11-22T17:30:00.000000Z."""
    return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def entry_digest(sequence: int, salt: str, entry: Line) -> str:
    """The digest of an entry at its place in the chain."""
    return hashlib.sha256(canonical({"entry": entry, "salt": salt, "sequence": sequence})).hexdigest()


def root_digest(digests: Iterable[str]) -> str:
    """The digest of the digests of a seal's entries, in order."""
    return hashlib.sha256("".join(digests).encode("ascii")).hexdigest()


def seal_digest(seal: Line) -> str:
    """The digest of a seal: what the email to the auditors says."""
    return hashlib.sha256(canonical({name: seal[name] for name in SEAL_COLUMNS})).hexdigest()


class Unreadable(ValueError):  # noqa: N818
    """It is no export, or it was damaged on the way; the text says where."""


def read(lines: Iterable[bytes]) -> Iterator[Line]:
    """Each line between the first and the last. Raises Unreadable at the first byte that is not as it was written."""
    whole, number, ended = hashlib.sha256(), 0, False
    for number, raw in enumerate(lines, 1):
        if ended:
            raise Unreadable(f"Line {number}: something was added after the end.")
        line = _line(raw, number)
        if number == 1 and (line.get("kind") != "export" or line.get("format") != FORMAT):
            raise Unreadable(f"Line 1: this is not an export in the form {FORMAT}.")
        if line.get("kind") == "end":
            if line != {"digest": whole.hexdigest(), "kind": "end", "lines": number - 1}:
                raise Unreadable(f"Line {number}: the file was changed after it was made: its digest is another.")
            ended = True
        elif number > 1:
            _check_shape(line, number)
            yield line
        whole.update(raw)
    if not ended:
        raise Unreadable(f"The file stops after line {number}: it was cut short. Download it again.")


def _line(raw: bytes, number: int) -> Line:
    try:
        line: Line = json.loads(raw)
        if isinstance(line, dict) and raw == canonical(line) + b"\n":
            return line
    except (ValueError, RecursionError):
        pass
    raise Unreadable(f"Line {number}: this is not how an export writes it. The file was changed or damaged.")


def _check_shape(line: Line, number: int) -> None:
    kinds = {name: int if name in NUMBERS else dict if name == "entry" else str for name in line}
    shaped = set(line) - {"kind"} == COLUMNS.get(str(line.get("kind")))
    if not shaped or any(type(line[name]) is not kind for name, kind in kinds.items()):
        raise Unreadable(f"Line {number}: a line of an export has other columns.")


@dataclass
class Report:
    """What was found, and how much of the trail it was found in."""

    findings: list[tuple[str, str]] = field(default_factory=list)  # (`edited`, `deleted` …, and where, in words)
    seals: dict[int, str] = field(default_factory=dict)
    sealed_at: str = ""
    entries: int = 0
    hidden: int = 0
    unsealed: int = 0
    misfits: list[Line] = field(default_factory=list)  # entries whose digest is wrong

    def add(self, kind: str, words: str) -> None:
        """One more thing that is wrong."""
        self.findings.append((kind, words))


def check(lines: Iterable[bytes], known: Iterable[tuple[int, str]] = ()) -> Report:
    """Follow the chain from its beginning. `known` are seals that the auditor was sent. Raises Unreadable."""
    report, last = Report(), dict(BEFORE_ALL)
    batch: list[Line] = []  # what stands between two seals
    for line in read(lines):
        try:
            if line["kind"] == "seal":
                last, batch = _check_seal(report, batch, line, last), []
            elif line["kind"] == "unsealed":
                _check_unsealed(report, line, last)
            else:
                batch.append(line)
        except (KeyError, TypeError, ValueError) as problem:
            raise Unreadable(f"The moment of an entry cannot be read: {problem!r}.") from problem
    if batch:
        _check_leftover(report, batch, last)
    _say_what_became_of(report)
    _check_known(report, known)
    return report


def _check_seal(report: Report, batch: list[Line], seal: Line, last: Line) -> Line:
    number = seal["number"]
    if number != last["number"] + 1:
        report.add("deleted", f"Seal {last['number'] + 1} is missing: seal {number} comes after seal {last['number']}.")
        _check_entries(report, [line for line in batch if line["sequence"] < seal["first"]], "", "")
        batch = [line for line in batch if line["sequence"] >= seal["first"]]
    elif seal["previous"] != last["digest"]:
        report.add("rewritten", f"Seal {number} does not follow from seal {last['number']}: one of them was rewritten.")
    elif seal["first"] != last["last"] + 1:
        report.add(
            "rewritten", f"Seal {number} begins at entry {seal['first']}, but the one before ends at {last['last']}."
        )
    if seal["digest"] != seal_digest(seal):
        report.add("edited", f"Seal {number} was edited: its digest does not fit what it says.")
    if last["sealed_at"] and seal["sealed_at"] < last["sealed_at"]:
        report.add("backdated", f"Seal {number} says that it is older than seal {last['number']}.")
    named, misfits = _check_places(report, batch, seal), len(report.misfits)
    _check_entries(report, batch, seal["sealed_at"], last["sealed_at"])
    whole = len(batch) == seal["count"] and root_digest(line["digest"] for line in batch) == seal["root"]
    if not whole and not named and misfits == len(report.misfits):
        report.add("edited", f"Entries {seal['first']} to {seal['last']} are not those that seal {number} was put on.")
    report.seals[number], report.sealed_at = seal["digest"], seal["sealed_at"]
    return seal


def _check_places(report: Report, batch: list[Line], seal: Line) -> bool:
    before, expected = len(report.findings), seal["first"]
    for line in batch:
        place = line["sequence"]
        if place < expected or place > seal["last"]:
            report.add("inserted", f"Entry {place}{_who(line)} stands where seal {seal['number']} has no entry.")
            continue
        if place > expected:
            report.add("deleted", _gap(expected, place - 1))
        expected = place + 1
    if expected <= seal["last"]:
        report.add("deleted", _gap(expected, seal["last"]))
    return len(report.findings) > before


def _check_entries(report: Report, lines: list[Line], sealed_at: str, since: str) -> None:
    for line in lines:
        _check_entry(report, line, sealed_at, since)


def _check_entry(report: Report, line: Line, sealed_at: str, since: str) -> None:
    report.entries += 1
    if line["kind"] == "hidden":
        report.hidden += 1
    elif line["kind"] == "missing":
        report.add("deleted", f"Entry {line['sequence']} is gone from the trail: it was deleted after it was sealed.")
    elif line["digest"] != entry_digest(line["sequence"], line["salt"], line["entry"]):
        report.misfits.append(line)
    elif since and _time(line["entry"]["at"]) < _time(since) - LATE:
        words = f"says {line['entry']['at']}, but was not there when the seal before it was made at {since}"
        report.add("backdated", f"Entry {line['sequence']}{_who(line)} {words}.")
    elif sealed_at and _time(line["entry"]["at"]) > _time(sealed_at) + LATE:
        report.add("backdated", f"Entry {line['sequence']}{_who(line)} is dated after it was sealed at {sealed_at}.")


def _check_unsealed(report: Report, line: Line, last: Line) -> None:
    report.unsealed += 1
    if last["sealed_at"] and _time(line["entry"]["at"]) < _time(last["sealed_at"]) - LATE:
        words = f"says {line['entry']['at']}, but the seals made since do not have it"
        report.add("inserted", f"The entry with ID {line['entry']['id']}{_who(line)} {words}.")


def _check_leftover(report: Report, batch: list[Line], last: Line) -> None:
    first, end = batch[0]["sequence"], batch[-1]["sequence"]
    report.add("truncated", f"Entries {first} to {end} have a place but no seal: the chain was cut short before it.")
    _check_entries(report, batch, "", last["sealed_at"])


def _say_what_became_of(report: Report) -> None:
    """An entry whose digest is wrong was moved here, or changed places with another, or was edited."""
    few = report.misfits if len(report.misfits) <= MOVED_WITHIN else []
    for line in report.misfits:
        here, salt, digest = line["sequence"], line["salt"], line["digest"]
        moved = (o["sequence"] for o in few if entry_digest(o["sequence"], salt, line["entry"]) == digest)
        swapped = (o["sequence"] for o in few if entry_digest(here, salt, o["entry"]) == digest)
        if (other := next(moved, None)) is not None:
            report.add("reordered", f"Entry {here}{_who(line)} was moved: it was sealed as entry {other}.")
        elif (other := next(swapped, None)) is not None:
            report.add("reordered", f"Entry {here}{_who(line)} was moved: what was sealed here is entry {other} now.")
        else:
            report.add("edited", f"Entry {here}{_who(line)} was edited after it was sealed.")


def _check_known(report: Report, known: Iterable[tuple[int, str]]) -> None:
    newest = max(report.seals, default=0)
    for number, digest in known:
        if number > newest:
            report.add("truncated", f"You were sent seal {number}, but the trail is cut short: it ends at {newest}.")
        elif report.seals.get(number) != digest:
            report.add("rewritten", f"Seal {number} is not the one you were sent: the trail up to it was rewritten.")


def _gap(first: int, last: int) -> str:
    return f"Entry {first} is missing: it was deleted." if first == last else f"Entries {first} to {last} were deleted."


def _who(line: Line) -> str:
    entry = line.get("entry")
    return f" ({entry.get('verb')}, {entry.get('at')})" if isinstance(entry, dict) else ""


def _time(text: str) -> dt.datetime:
    return dt.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=dt.UTC)


def known_seal(text: str) -> tuple[int, str]:
    """`42:9f86 d081 …` as (42, digest)."""
    number, _, digest = text.partition(":")
    digest = re.sub(r"\s", "", digest).lower()
    if not number.strip().isdecimal() or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise argparse.ArgumentTypeError("write the number, a colon and the 64 characters of the fingerprint")
    return int(number), digest


def in_words(report: Report, known: list[tuple[int, str]]) -> Iterator[str]:
    """The report for a person to read."""
    yield from (f"{kind.upper()}: {words}" for kind, words in report.findings)
    newest = max(report.seals, default=0)
    yield f"Read {report.entries} sealed entries under {len(report.seals)} seals, and {report.unsealed} not sealed yet."
    if report.hidden:
        yield f"{report.hidden} entries are outside what the export's reader may see: only their digests were checked."
    if report.findings:
        yield f"{len(report.findings)} things are wrong. Keep this file, and tell whoever is responsible."
        return
    yield f"Nothing is wrong up to seal {newest}" + (f", made at {report.sealed_at}." if newest else ".")
    if newest and not known:
        yield "Compare with a seal you were sent (--seal), or a trail that was rewritten as a whole will pass."


def main(arguments: list[str] | None = None) -> int:
    """Check the file that is named, say what was found, and answer 0, 1 or 2."""
    parser = argparse.ArgumentParser(description="Check an export of Lantern’s audit trail.")
    parser.add_argument("export", type=Path, help="the file that was downloaded")
    parser.add_argument("--seal", type=known_seal, action="append", default=[], help="number:fingerprint, as mailed")
    asked = parser.parse_args(arguments)
    try:
        with asked.export.open("rb") as lines:
            report = check(lines, asked.seal)
    except (OSError, Unreadable) as problem:
        sys.stdout.write(f"UNREADABLE: {problem}\n")
        return 2
    sys.stdout.writelines(f"{words}\n" for words in in_words(report, asked.seal))
    return 1 if report.findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
