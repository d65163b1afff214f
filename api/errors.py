"""Refusals as problem documents (RFC 9457). A hidden row and an absent one are refused in the same words."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.factors import FRESH_NEEDED, FreshFactorNeeded

MEDIA_TYPE = "application/problem+json"
NOT_THERE = "There is nothing here that you may see."


def handler(exc: Exception, context: dict[str, Any]) -> Response | None:  # noqa: ARG001  rest_framework's signature
    """The answer to a refusal; None for what is no refusal, so that it is logged and answered 500."""
    refusal = _as_refusal(exc)
    if refusal is None:
        return None
    set_rollback()
    return Response(_problem(refusal), status=refusal.status_code, headers=_headers(refusal), content_type=MEDIA_TYPE)


def _as_refusal(exc: Exception) -> exceptions.APIException | None:
    if isinstance(exc, Http404 | exceptions.NotFound):
        return exceptions.NotFound(NOT_THERE)
    if isinstance(exc, FreshFactorNeeded):
        return exceptions.PermissionDenied(str(exc), code=FRESH_NEEDED)
    if isinstance(exc, PermissionDenied):
        return exceptions.PermissionDenied(str(exc) or None)
    if isinstance(exc, ValidationError):
        return exceptions.ValidationError(exc.message_dict if hasattr(exc, "error_dict") else exc.messages)
    return exc if isinstance(exc, exceptions.APIException) else None


def _problem(refusal: exceptions.APIException) -> dict[str, Any]:
    status = HTTPStatus(refusal.status_code)
    problem: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value}
    if isinstance(refusal.detail, dict):
        problem["errors"] = {field: _sentences(said) for field, said in refusal.detail.items()}
    else:
        problem["detail"] = " ".join(_sentences(refusal.detail))
    if refusal.get_codes() == FRESH_NEEDED:
        problem["code"] = FRESH_NEEDED
    return problem


def _sentences(said: Any) -> list[str]:
    return [str(sentence) for sentence in said] if isinstance(said, list | tuple) else [str(said)]


def _headers(refusal: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if isinstance(refusal, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = getattr(refusal, "auth_header", "") or "Bearer"
    wait = getattr(refusal, "wait", None)
    if isinstance(refusal, exceptions.Throttled) and wait is not None:
        headers["Retry-After"] = str(int(wait))
    return headers
