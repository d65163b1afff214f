"""Who may see what, a second time: written from the words of `docs/access.md`, over plain rows, without the product.

Nothing here may import any of it: a rule that is wrong there must not be wrong here for the same reason. It is slow
and plain on purpose. `tests/worlds` reads the rows from the database and holds the two against each other.
"""

from __future__ import annotations

from tests.oracle.climbing import listed, to_call
from tests.oracle.people import key_lives
from tests.oracle.post import addressed, may_go
from tests.oracle.rows import Reader, Row, World
from tests.oracle.rules import KINDS, may_see, seen

__all__ = [
    "KINDS",
    "Reader",
    "Row",
    "World",
    "addressed",
    "key_lives",
    "listed",
    "may_go",
    "may_see",
    "seen",
    "to_call",
]
