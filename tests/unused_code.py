"""Finds functions, classes and methods that nothing uses: vulture, told what templates and frameworks call.

python -m tests.unused_code
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from vulture import Vulture

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = (
    "audit accounts network delivery directory alerts training charter reports api config demonstration bootstrap tests"
)
# Called by a framework under a name that it chose.
DECORATORS = [
    "@pytest.*",
    "@register.*",
    "@receiver*",
    "@app.*",
    "@shared_task*",
    "@*.connect",
    "@*.fixture",
    "@given*",
    "@*.route",
    "@fault*",
    "@rule*",
    "@invariant*",
    "@initialize*",
]
NAMES = [
    *["*Config", "Meta", "Command", "handle", "add_arguments"],  # Django's commands and apps
    *["test_*", "Test*", "pytest_*", "handle_*", "teardown"],  # pytest, html.parser, aiosmtpd, hypothesis
    *[
        "connection_made",
        "connection_lost",
        "data_received",
        "do_GET",
        "do_HEAD",
        "do_POST",
        "log_message",
    ],  # asyncio, http.server
    *["is_open_for_signup", "add_message", "is_safe_url"],  # allauth's adapter
    *[
        "clean",
        "clean_*",
        "full_clean",
        "to_python",
        "prepare_value",
        "value_omitted_from_data",
        "label_from_instance",
        "format_value",
    ],  # forms
    *["as_sql", "get_source_expressions", "set_source_expressions"],  # Django's expressions
    *["validate", "validate_*", "to_representation", "to_internal_value", "create", "update"],  # Django REST framework
    *["get_absolute_url", "get_by_natural_key", "get_full_name", "get_short_name", "natural_key", "deconstruct"],
    *["authenticate", "authenticate_header", "has_permission", "filter_queryset", "get_schema_operation_parameters"],
    *[
        "allow_request",
        "http_method_not_allowed",
        "*Scheme",
        "get_security_definition",
    ],  # its limits, its views, drf-spectacular
    *["process_view", "process_exception", "get_context", "get_template_name", "default_renderer", "get_queryset"],
]
KINDS = {"function", "method", "class", "property", "import"}


def unused() -> list[str]:
    """A line for each thing that nothing uses."""
    finder = Vulture(ignore_names=NAMES, ignore_decorators=DECORATORS)
    finder.scavenge([str(ROOT / name) for name in PACKAGES.split()], exclude=["*/migrations/*"])
    finder.used_names |= _words_outside_code()
    found = (item for item in finder.get_unused_code(min_confidence=60) if item.typ in KINDS)
    return [f"{item.filename.relative_to(ROOT)}:{item.first_lineno}: {item.message}" for item in found]


def _words_outside_code() -> set[str]:
    """Names used where vulture does not look: in templates, and in dotted paths in quotation marks."""
    templates = [path.read_text() for top in ("templates", "demonstration") for path in (ROOT / top).rglob("*.*ml")]
    templates += [path.read_text() for path in (ROOT / "templates").rglob("*.txt")]
    code = [path.read_text() for name in PACKAGES.split() for path in (ROOT / name).rglob("*.py")]
    paths = re.findall(r'"(?:\w+\.)+(\w+)"', "\n".join(code))
    paths += re.findall(r"{__name__}\.(\w+)", "\n".join(code))
    return set(re.findall(r"\w+", "\n".join(templates))) | set(paths)


if __name__ == "__main__":
    lines = unused()
    print("\n".join([*lines, f"{len(lines)} unused"]))
    sys.exit(1 if lines else 0)
