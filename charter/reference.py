"""The charter's reference tables: the commitments in our own words, and every principal council, past and present."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from charter.models import Commitment, Council, Framework
from network.models import Area
from network.reference import Changes, Row, TableError, link, linked, load, read

DATA = Path(__file__).parent / "data"
FRAMEWORK_COLUMNS = ("name", "version", "starts_on", "source")
COMMITMENT_COLUMNS = ("framework", "version", "number", "title", "summary", "evidence_hint", "measure")
COUNCIL_COLUMNS = (
    "code", "gss", "former_codes", "name", "short_name", "kind", "tier", "nation", "region", "police_area",
    "starts_on", "ends_on", "successors", "hex_q", "hex_r", "source", "source_on",
)  # fmt: skip


def load_commitments(
    frameworks: Path = DATA / "frameworks.csv", commitments: Path = DATA / "commitments.csv"
) -> Changes:
    """Each framework, then what it commits a council to."""
    first = load(Framework, [("name", "version")], read(frameworks, FRAMEWORK_COLUMNS), file=frameworks.name)
    known = {(each.name, each.version): each for each in Framework.objects.all()}
    rows = read(commitments, COMMITMENT_COLUMNS)
    for row in rows:
        row["framework"] = _known(known, (row["framework"], row.pop("version")), row, commitments, "framework")
    changes = load(Commitment, [("framework", "number")], rows, file=commitments.name)
    changes.added[:0] = first.added
    changes.changed[:0] = first.changed
    return changes


def load_councils(path: Path = DATA / "councils.csv") -> Changes:
    """Councils with their codes, places, dates and successors. The areas must be there before."""
    police = {area.name: area for area in Area.objects.filter(kind=Area.Kind.POLICE)}
    rows = read(path, COUNCIL_COLUMNS)
    followed_by = {row["code"]: (row.pop("successors"), row) for row in rows}
    for row in rows:
        name = row["police_area"]
        row["police_area"] = _known(police, name, row, path, "police area") if name else None
    changes = load(Council, [("code",)], rows, file=path.name)
    keys = dict(Council.objects.values_list("code", "pk"))
    successors = {
        keys[code]: {_known(keys, name, row, path, "council") for name in names.split("; ") if name}
        for code, (names, row) in followed_by.items()
    }
    return linked(changes, "which council follows which", link(Council, "successors", successors))


def _known(found: Mapping[Any, Any], key: Any, row: Row, path: Path, what: str) -> Any:
    if key not in found:
        raise TableError(f"{path.name}, row {row['line']}: there is no {what} “{key}”.")
    return found[key]
