"""What the OpenAPI document says beside the columns: how to sign in, how lists and refusals look."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.text import slugify
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers

from api.base import Asked
from api.errors import MEDIA_TYPE

REFUSALS = (400, 401, 403, 406, 429)


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """An agency's key, in the header."""

    target_class = "api.authentication.KeyAuthentication"
    name = "key"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, Any]:  # noqa: ARG002  its signature
        """A bearer token."""
        return {"type": "http", "scheme": "bearer", "description": "A key that your agency’s lead has issued."}


class Problem(serializers.Serializer[Any]):
    """A refusal (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(required=False)
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)


def gives_page(shape: type[serializers.Serializer[Any]], asks: type[Asked], summary: str) -> Callable[..., Any]:
    """For the document: answers a page of rows of this shape."""
    page = inline_serializer(
        name=f"PageOf{shape.__name__}",
        fields={"results": shape(many=True), "next": serializers.CharField(allow_null=True)},
    )
    return extend_schema(operation_id=_called(summary), summary=summary, parameters=[asks], responses=_answers(page))


def gives(shape: type[serializers.Serializer[Any]], summary: str, *, also: tuple[int, ...] = (404,), **more: Any) -> Any:
    """For the document: answers one row of this shape."""
    return extend_schema(operation_id=_called(summary), summary=summary, responses=_answers(shape, *also), **more)


def _called(summary: str) -> str:
    return slugify(summary).replace("-", "_")


def _answers(good: Any, *also: int) -> dict[Any, Any]:
    return {200: good, **{(status, MEDIA_TYPE): Problem for status in (*REFUSALS, *also)}}
