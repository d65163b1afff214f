"""Finding listings by words.

Each listing carries its words in one column, worked out when it is written: the same words on both engines, so both
find the same listings. Every word asked for must begin a word of the listing. What its contacts are called, and their
numbers and addresses, are never among them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models.query import prefetch_related_objects

from directory.models import Listing

MOST_WORDS = 12
LONGEST_WORD = 40
WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text as they are compared: small letters without accents, and nothing but letters and digits."""
    return [word[:LONGEST_WORD] for word in WORD.findall(_plain(_plain(text).casefold()))]


def condition(text: str) -> tuple[str, dict[str, Any]]:
    """For `directory.reading`, whose `l` is the listing: that some word of it begins with each word of the text, in SQL
    with the values by name. Nothing for a text without a word.

    PostgreSQL has the words in a column that no model knows, `search_words`, with an index. Words are letters and
    digits only, so there is nothing in them that its grammar could mistake.
    """
    asked = list(dict.fromkeys(words(text)))[:MOST_WORDS]
    if not asked:
        return "", {}
    if connection.vendor == "postgresql":
        return "l.search_words @@ %(words)s::tsquery", {"words": " & ".join(f"'{word}':*" for word in asked)}
    named = {f"word{n}": f" {word}" for n, word in enumerate(asked)}
    return " AND ".join(f"INSTR(l.search_text, %({name})s) > 0" for name in named), named


def index(listings: Iterable[Listing]) -> None:
    """Work out and keep the words of these listings. Call it in the transaction that wrote them."""
    rows = list(listings)
    prefetch_related_objects(rows, "agency", "terms", "areas")
    for listing in rows:
        listing.search_text = _words_of(listing)
    Listing.objects.bulk_update(rows, ["search_text"], batch_size=500)


def _words_of(listing: Listing) -> str:
    texts = [
        listing.name,
        listing.agency.name,
        listing.agency.former_names,
        listing.summary,
        listing.description,
        listing.languages,
        *(str(term) for term in listing.terms.all()),
        *(str(area) for area in listing.areas.all()),
    ]
    return "".join(f" {word}" for word in dict.fromkeys(words(" ".join(texts))))


def _plain(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
