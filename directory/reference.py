"""The directory's reference tables: words to filter by, who may refer, whom to ring."""

from __future__ import annotations

from pathlib import Path

from directory.models import FirstResponder, Helpline, Term
from network.reference import Changes, load, read

DATA = Path(__file__).parent / "data"
TERM_COLUMNS = ("kind", "code", "name", "order")
FIRST_RESPONDER_COLUMNS = ("name", "kind", "basis", "note", "from_on", "until_on", "source", "source_on")
HELPLINE_COLUMNS = ("name", "number", "hours", "for_whom", "order", "show_everywhere", "source", "source_on")


def load_terms(path: Path = DATA / "terms.csv") -> Changes:
    """Kinds of help, and the people help is for."""
    return load(Term, [("kind", "code")], read(path, TERM_COLUMNS), file=path.name)


def load_first_responders(path: Path = DATA / "first_responders.csv") -> Changes:
    """Who may refer people into the National Referral Mechanism in England and Wales."""
    return load(FirstResponder, [("name",)], read(path, FIRST_RESPONDER_COLUMNS), file=path.name)


def load_helplines(path: Path = DATA / "helplines.csv") -> Changes:
    """Whom to ring, write to, or report to online."""
    return load(Helpline, [("name",)], read(path, HELPLINE_COLUMNS), file=path.name)
