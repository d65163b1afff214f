"""Finding listings by words.

Each listing carries its words in one column, worked out when it is written: the same words on both engines, so both
find the same listings. Every word asked for must begin a word of the listing. Contacts' details are never among them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from django.contrib.postgres.search import SearchQuery, SearchVector  # noqa: F401  (see _on_postgres)
from django.db import connection
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.expressions import CombinedExpression, Func

from directory.models import Listing

MOST_WORDS = 8
LONGEST_WORD = 40
