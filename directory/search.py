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
from django.db.models import BooleanField, Expression, F, Q
from django.db.models.query import prefetch_related_objects

from directory.models import Listing

MOST_WORDS = 12
LONGEST_WORD = 40
WORD = re.compile(r"[^\W_]+")


def words(text: str) -> list[str]:
    """The words of a text as they are compared: small letters without accents, and nothing but letters and digits."""
    return [word[:LONGEST_WORD] for word in WORD.findall(_plain(_plain(text).casefold()))]


def matching(text: str) -> Q:
    """Listings of which some word begins with each word of the text. A text without a word leaves all of them."""
    asked = list(dict.fromkeys(words(text)))[:MOST_WORDS]
    if not asked:
        return Q()
    if connection.vendor == "postgresql":
        return Q(InIndex(asked))
    begun = Q()
    for word in asked:
        begun &= Q(search_text__contains=f" {word}")
    return begun


def index(listings: Iterable[Listing]) -> None:
    """Work out and keep the words of these listings. Call it in the transaction that wrote them."""
    rows = list(listings)
    prefetch_related_objects(rows, "agency", "terms", "areas")
    for listing in rows:
        listing.search_text = _words_of(listing)
    Listing.objects.bulk_update(rows, ["search_text"], batch_size=500)


class InIndex(Expression):
    """Whether a listing's `search_words`, a column that only PostgreSQL has and no model knows, match these words."""

    output_field = BooleanField()

    def __init__(self, asked: list[str]) -> None:
        super().__init__()
        # Words hold letters and digits only, so there is nothing in them that the query's own grammar could mistake.
        self.words = " & ".join(f"'{word}':*" for word in asked)
        self.row: Any = F("pk")

    def get_source_expressions(self) -> list[Any]:
        """The listing, so that the query tells by what name its table goes."""
        return [self.row]

    def set_source_expressions(self, exprs: Any) -> None:
        """The same, once the query has told."""
        (self.row,) = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """The condition under the name that the table has in the query."""
        return f"({compiler.quote_name_unless_alias(self.row.alias)}.search_words @@ %s::tsquery)", (self.words,)


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
