"""What a form says when something was not entered right: GOV.UK Design System, "Error message"."""

from __future__ import annotations

from django import forms
from django.utils.functional import Promise

Words = str | Promise


def speak_plainly(name: str, field: forms.Field) -> None:
    """Replace Django's wording by sentences that name the field, except where the form's author wrote their own."""
    label = str(field.label) if field.label is not None else name.replace("_", " ").capitalize()
    defaults = _defaults_of(field)
    for code, text in _plain(field, label).items():
        if code not in field.error_messages or field.error_messages[code] == defaults.get(code):
            field.error_messages[code] = text
    if isinstance(field.widget, forms.NumberInput) and field.widget.input_type == "number":
        _as_text(field.widget)


def sentence_part(label: str) -> str:
    """A label as it reads inside a sentence: "Date of motion" becomes "date of motion", "NHS number" stays."""
    acronym = len(label) > 1 and label[1].isupper()
    return label if acronym else label[:1].lower() + label[1:]


def sentence_start(label: str) -> str:
    """A label as it starts a sentence; a question is quoted."""
    return f"Your answer to “{label}”" if label.endswith("?") else label[:1].upper() + label[1:]


def _as_text(widget: forms.NumberInput) -> None:
    """A number field of a browser loses what was typed and changes with the mouse wheel, so it becomes a text field."""
    widget.input_type = "text"
    kept = {key: value for key, value in widget.attrs.items() if key not in {"min", "max", "step"}}
    widget.attrs = {"inputmode": "numeric", **kept}


def _plain(field: forms.Field, label: str) -> dict[str, str]:
    """Message by code. A per cent sign in a label is doubled, because Django fills the others in."""
    start = sentence_start(label).replace("%", "%%")
    return {
        "required": _required(field, label),
        "max_length": f"{start} must be %(limit_value)d characters or fewer",
        "min_length": f"{start} must be %(limit_value)d characters or more",
        "max_value": f"{start} must be %(limit_value)s or fewer",
        "min_value": f"{start} must be %(limit_value)s or more",
        "invalid_choice": f"{start} must be one of the choices",
        "invalid_pk_value": f"{start} must be one of the choices",
    } | _invalid(field, start)


def _required(field: forms.Field, label: str) -> str:
    if isinstance(field, forms.BooleanField):
        return f"Select “{label}” to continue"
    if label.endswith("?"):
        return f"Answer “{label}”"
    choosing = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
    return f"{'Select' if choosing else 'Enter'} {sentence_part(label)}"


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
