"""What a form says when something was not entered right: GOV.UK Design System, "Error message"."""

from __future__ import annotations

from django import forms
from django.utils.functional import Promise

Words = str | Promise


def speak_plainly(name: str, field: forms.Field) -> None:
    """Replace Django's wording by sentences that name the field, except where the form's author wrote their own."""
    label = sentence_part(str(field.label) if field.label is not None else name.replace("_", " "))
    defaults = _defaults_of(field)
    for code, text in _plain(field, label).items():
        if code not in field.error_messages or field.error_messages[code] == defaults.get(code):
            field.error_messages[code] = text
    if isinstance(field.widget, forms.NumberInput) and field.widget.input_type == "number":
        # A number field loses what was typed and changes with the mouse wheel.
        field.widget.input_type = "text"
        field.widget.attrs = {"inputmode": "numeric"} | {
            key: value for key, value in field.widget.attrs.items() if key not in {"min", "max", "step"}
        }


def sentence_part(label: str) -> str:
    """A label as it reads inside a sentence: "Date of motion?" becomes "date of motion", "NHS number" stays."""
    words = label.strip().removesuffix("?")
    acronym = len(words) > 1 and words[1].isupper()
    return words if acronym else words[:1].lower() + words[1:]


def _plain(field: forms.Field, label: str) -> dict[str, str]:
    """Message by code. A per cent sign in a label is doubled, because Django fills these in."""
    safe = label.replace("%", "%%")
    start = safe[:1].upper() + safe[1:]
    choosing = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
    said = {
        "required": f"Select {label}" if choosing else f"Enter {label}",
        "max_length": f"{start} must be %(limit_value)d characters or fewer",
        "min_length": f"{start} must be %(limit_value)d characters or more",
        "max_value": f"{start} must be %(limit_value)s or fewer",
        "min_value": f"{start} must be %(limit_value)s or more",
        "invalid_choice": f"Select {safe} from the list",
        "invalid_pk_value": f"Select {safe} from the list",
    }
    if isinstance(field, forms.BooleanField):
        said["required"] = f"Select “{field.label}” to continue"
    return said | _invalid(field, start)


def _invalid(field: forms.Field, start: str) -> dict[str, str]:
    if isinstance(field, forms.EmailField):
        return {"invalid": "Enter an email address in the correct format, like name@example.com"}
    if isinstance(field, forms.URLField):
        return {"invalid": "Enter a web address in the correct format, like https://example.com"}
    if isinstance(field, forms.IntegerField):
        return {"invalid": f"{start} must be a whole number"}
    return {}


def _defaults_of(field: forms.Field) -> dict[str, Words]:
    found: dict[str, Words] = {}
    for kind in reversed(type(field).__mro__):
        found.update(getattr(kind, "default_error_messages", {}))
    return found
