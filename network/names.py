"""The names that an agency has had, in one line, so that it is found by each of them."""

from __future__ import annotations

from network.models import Agency

LONGEST = Agency._meta.get_field("former_names").max_length or 0


def joined(known: str, *more: str) -> str:
    """The former names with these added, newest last, each once. When there is no room the oldest go."""
    parts = [name.strip() for line in (known, *more) for name in line.split(",")]
    kept = list({name.casefold(): name for name in parts if name}.values())
    while len(", ".join(kept)) > LONGEST:
        kept.pop(0)
    return ", ".join(kept)
