"""What every endpoint has in common: who may call, what they may ask, and how rows go out.

A serializer here names the columns of an answer, once, for the document and for the database. Rows go from the database
to JSON as plain dicts: building a model and a serializer for each costs more than all the rest.
"""

from __future__ import annotations

import functools
import time
from typing import Any, ClassVar

from django.core.cache import cache
from django.db.models import F, QuerySet
from django.http import Http404
from django.utils.cache import patch_vary_headers
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from network.models import ApiKey

REQUESTS_A_MINUTE = 600
ROWS, MOST_ROWS = 25, 100


class HasScope(BasePermission):
    """A key must have been issued for what the endpoint gives. People need no scope: `visible_to` knows them."""

    message = "This key was not issued for this."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """False for a key without the endpoint's scope."""
        scope = getattr(view, "scope", None)
        return not isinstance(request.user, ApiKey) or scope is None or scope in request.user.scopes


class IsPerson(BasePermission):
    """What only somebody who signed in may do."""

    message = "Only a person who has signed in may do this. A key may not."

    def has_permission(self, request: Request, view: APIView) -> bool:
        """False for a key."""
        return not isinstance(request.user, ApiKey)


class EachReader(BaseThrottle):
    """So many requests a minute for each key and each person, counted by the clock's minutes."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count this one. False when there were too many."""
        place = f"api:{type(request.user).__name__}:{request.user.pk}:{int(time.time() // 60)}"
        cache.add(place, 0, 120)
        try:
            return cache.incr(place) <= REQUESTS_A_MINUTE
        except ValueError:  # the count was cleared between the two lines: a new minute
            return True

    def wait(self) -> float:
        """Seconds until the next minute."""
        return 60 - time.time() % 60


class Asked(serializers.Serializer[Any]):
    """What an endpoint may be asked in its address: nothing, unless it says more."""


class Paged(Asked):
    """What every list may be asked."""

    after = serializers.UUIDField(required=False, help_text="Rows after the row with this ID.")
    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_ROWS, help_text=f"At most so many rows; {ROWS} unless told."
    )


class Endpoint(APIView):
    """Closed by default: signed in or a live key, with the scope, within the rate, asking only what may be asked."""

    permission_classes = [IsAuthenticated, HasScope]
    throttle_classes = [EachReader]
    scope: ClassVar[str | None] = None
    asks: ClassVar[type[Asked]] = Asked
    asked: dict[str, Any]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """After everything else, read what is asked. Raises ValidationError."""
        super().initial(request, *args, **kwargs)
        self.asked = _answers(self.asks, request)

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Nothing of an answer is stored on the way."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final["Cache-Control"] = "no-store"
        patch_vary_headers(final, ["Authorization", "Cookie"])
        return final

    def page(self, rows: QuerySet[Any], shape: type[serializers.Serializer[Any]], key: str = "id") -> dict[str, Any]:
        """One page of these rows as {results, next}, in the order of `key`, which must be unique; "-id" is newest
        first. `next` is the address of the page after, or null."""
        name, way = key.lstrip("-"), "lt" if key.startswith("-") else "gt"
        if "after" in self.asked:
            rows = rows.filter(**{f"{name}__{way}": self.asked["after"]})
        return self.answer(list(columns(rows.order_by(key), shape)[: self.limit + 1]), name)

    @property
    def limit(self) -> int:
        """How many rows were asked for."""
        asked: int = self.asked.get("limit", ROWS)
        return asked

    def answer(self, found: list[dict[str, Any]], name: str) -> dict[str, Any]:
        """The same of rows that were read already, in the order of their `name`: one more than asked for, if there are
        more."""
        rows, more = found[: self.limit], len(found) > self.limit
        return {"results": rows, "next": self._next(rows[-1][name]) if more else None}

    def narrowed(self, *names: str) -> dict[str, Any]:
        """What was asked under these names, which are also the names of columns."""
        return {name: self.asked[name] for name in names if name in self.asked}

    def _next(self, last: Any) -> str:
        asked = self.request.query_params.copy()
        asked["after"] = str(last)
        return self.request.build_absolute_uri(f"{self.request.path}?{asked.urlencode()}")


def columns(rows: QuerySet[Any], shape: type[serializers.Serializer[Any]]) -> QuerySet[Any, dict[str, Any]]:
    """The columns that the serializer names, as dicts; `source` says where one comes from, if not from its name."""
    plain, renamed = _columns(shape)
    return rows.values(*plain, **{name: F(source) for name, source in renamed})


def one(rows: QuerySet[Any], shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The only one of these rows. Raises Http404 where there is none, hidden or absent."""
    found = columns(rows.order_by(), shape).first()
    if found is None:
        raise Http404
    return found


@functools.cache
def _columns(shape: type[serializers.Serializer[Any]]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Lists, and what a shape calls `computed`, are filled in by the endpoint."""
    made = set(getattr(shape, "computed", ()))
    stored = {n: f for n, f in shape().fields.items() if n not in made and not isinstance(f, serializers.ListField)}
    sources = {name: str(field.source).replace(".", "__") for name, field in stored.items()}
    renamed = tuple((name, source) for name, source in sources.items() if source != name)
    return tuple(name for name, source in sources.items() if source == name), renamed


@functools.cache
def _names(asks: type[Asked]) -> tuple[str, ...]:
    return tuple(sorted(asks().fields))


def _answers(asks: type[Asked], request: Request) -> dict[str, Any]:
    query = request.query_params
    if not query:
        return {}
    if set(query) - set(_names(asks)):
        raise ValidationError([_allowed(asks)])
    if any(len(values) > 1 for _, values in query.lists()):
        raise ValidationError(["Ask each thing once."])
    form = asks(data=query.dict())
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _allowed(asks: type[Asked]) -> str:
    names = _names(asks)
    return f"This address may be asked: {', '.join(names)}." if names else "This address takes nothing after “?”."
