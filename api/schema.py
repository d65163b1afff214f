"""What the OpenAPI document says beside the columns: how to sign in, how lists and refusals look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.utils.text import slugify
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers

from api.base import Asked
from api.errors import MEDIA_TYPE

Method = TypeVar("Method", bound=Callable[..., Any])
REFUSALS = (400, 401, 403, 406, 429)


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """An agency's key, in the header."""

    target_class = "api.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "description": "A key that your agency’s lead has issued."}


class Problem(serializers.Serializer[Any]):
    """A refusal (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    errors = serializers.DictField(  # type: ignore[assignment]  # the name is RFC 9457's own example of a member
        child=serializers.ListField(child=serializers.CharField()), required=False
    )


def gives_page(shape: type[serializers.Serializer[Any]], asks: type[Asked], summary: str) -> Callable[[Method], Method]:
    """For the document: answers a page of rows of this shape."""
    page = inline_serializer(
        name=f"PageOf{shape.__name__}",
        fields={"results": shape(many=True), "next": serializers.CharField(allow_null=True)},
    )
    return _described(summary, parameters=[asks], responses=_answers(page))


def gives(shape: type[serializers.Serializer[Any]], summary: str, **more: Any) -> Callable[[Method], Method]:
    """For the document: answers one row of this shape, or 404."""
    return _described(summary, responses=_answers(shape, 404), **more)


def _described(summary: str, **more: Any) -> Callable[[Method], Method]:
    name = slugify(summary).replace("-", "_")
    return extend_schema(operation_id=name, summary=summary, **more)  # type: ignore[no-any-return]


def _answers(good: Any, *also: int) -> dict[Any, Any]:
    return {200: good, **{(status, MEDIA_TYPE): Problem for status in (*REFUSALS, *also)}}
