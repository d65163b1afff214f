"""What every page of an officer's record starts with."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.forms import Form


def tried(form: Form, action: Any, **told: Any) -> bool:
    """Whether the action was done. If it refused, the form says why, and nothing typed is lost."""
    try:
        action(**told)
    except ValidationError as refused:
        known = hasattr(refused, "error_dict") and set(refused.error_dict) <= set(form.fields)
        form.add_error(None, refused if known else ValidationError(refused.messages))
        return False
    return True
