"""The OpenAPI document as a page needs it: plain dicts, in the order in which people read."""

from __future__ import annotations

import functools
import json
import re
from http import HTTPStatus
from typing import Any

from drf_spectacular.generators import SchemaGenerator

Dict = dict[str, Any]
CHOICE = re.compile(r"^\* `(?P<code>.+)` - (?P<words>.+)$", re.MULTILINE)
KINDS = {"uuid": "ID", "integer": "whole number"}
EXAMPLES = {
    "uuid": "01994c3e-8a10-7d52-b2f1-5f0c6a4e9d37",
    "date": "2026-11-22",
    "date-time": "2026-11-22T17:30:00Z",
    "time": "09:00:00",
    "integer": 1,
    "boolean": True,
    "string": "text",
}
MEANINGS = {
    400: "You asked something that this address does not know, or not in the form it takes.",
    401: "You sent no key, or one that is wrong, has ended or was ended.",
    403: "The key, or your role, does not allow this.",
    404: "There is nothing here that you may see. What is hidden and what does not exist are answered alike.",
    406: "You asked for another format than JSON.",
    429: "You asked too often. The header “Retry-After” says how many seconds to wait.",
}


@functools.cache
def whole() -> Dict:
    """The OpenAPI document that `api:schema` serves. It is the same for every reader."""
    return dict(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call]


def endpoints() -> list[Dict]:
    """Each method of each address, as {id, method, path, summary, text, parameters, answers, example, nulls}.

    `parameters` is a list of {name, place, kind, text, choices}; `answers` lists status codes; `example` is JSON.
    """
    paths = whole()["paths"].items()
    found = [_endpoint(path, method, deed) for path, methods in paths for method, deed in methods.items()]
    return [one for one in found if one["example"]]


def refusals() -> list[Dict]:
    """What each status of a refusal means, as {status, title, text}."""
    return [{"status": code, "title": HTTPStatus(code).phrase, "text": text} for code, text in MEANINGS.items()]


def _endpoint(path: str, method: str, deed: Dict) -> Dict:
    shape = deed["responses"]["200"]["content"].get("application/json", {}).get("schema", {})
    return {
        "id": deed["operationId"].replace("_", "-"),
        "method": method.upper(),
        "path": path,
        "summary": deed.get("summary", ""),
        "text": deed.get("description", ""),
        "parameters": [_parameter(each) for each in deed.get("parameters", ())],
        "answers": sorted(int(status) for status in deed["responses"] if status != "200"),
        "example": json.dumps(_example(shape), indent=2, ensure_ascii=False) if "$ref" in shape else "",
        "nulls": _nulls(shape),
    }


def _parameter(told: Dict) -> Dict:
    said, shape = told.get("description", ""), told["schema"]
    return {
        "name": told["name"],
        "place": "in the path" if told["in"] == "path" else "after “?”",
        "kind": _kind(shape),
        "text": CHOICE.sub("", said).strip() or ("Which one." if told["in"] == "path" else ""),
        "choices": [{"code": m["code"], "words": m["words"]} for m in CHOICE.finditer(said)],
    }


def _kind(shape: Dict) -> str:
    if "enum" in shape:
        return "one of these"
    kind = KINDS.get(shape.get("format") or shape["type"], "text")
    if "maximum" in shape:
        return f"{kind} from {shape['minimum']} to {shape['maximum']}"
    return f"{kind} of {shape['maxLength']} characters at most" if "maxLength" in shape else kind


def _example(shape: Dict) -> Any:
    """One value of this shape: the first choice, or the same made-up value for each kind."""
    shape = _resolved(shape)
    if "properties" in shape:
        return {name: _example(part) for name, part in shape["properties"].items()}
    if shape.get("type") == "array":
        return [_example(shape["items"])]
    return shape["enum"][0] if "enum" in shape else EXAMPLES.get(shape.get("format") or shape.get("type", ""), "text")


def _nulls(shape: Dict) -> list[str]:
    """The fields of one row, or of the rows of a page, that may be null."""
    parts = _resolved(shape).get("properties", {})
    here = [name for name, part in parts.items() if part.get("nullable")]
    return here + [name for part in parts.values() if "items" in part for name in _nulls(part["items"])]


def _resolved(shape: Dict) -> Dict:
    """The shape itself, where this only refers to it or lists what it may be."""
    for several in ("oneOf", "allOf"):
        if several in shape:
            return _resolved(shape[several][0])
    if "$ref" not in shape:
        return shape
    found: Dict = whole()["components"]["schemas"][shape["$ref"].rsplit("/", 1)[-1]]
    return found
