"""What the machine does with keys: finds the one that a secret opens."""

from __future__ import annotations

import functools
from typing import Any

from django.db import connection

from network.models import ApiKey

SOUGHT = "the digest that is sought"


def holding(secret: str) -> ApiKey | None:
    """The live key with this secret; None for one that is unknown, ended or expired, whose owner no longer leads its
    agency, or whose agency is no live member of a network. One query."""
    sql, params = _statement(connection.vendor)
    digest = ApiKey.digest_of(secret)
    found = ApiKey.objects.raw(sql, [digest if value == SOUGHT else value for value in params])
    return next(iter(found), None)


@functools.cache
def _statement(vendor: str) -> tuple[str, tuple[Any, ...]]:  # noqa: ARG001  each engine has its own words
    """The query of a key by its digest, put into words once: that costs more than asking."""
    sql, params = ApiKey.objects.live().filter(digest=SOUGHT).query.get_compiler("default").as_sql()
    return sql, tuple(params)
