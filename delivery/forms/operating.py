"""What an operator types when they hold the post or let it go on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django import forms

from accounts.rendering import Checkboxes, Form
from delivery.operating import Batch


class HoldForm(Form):
    """Why everything is held."""

    reason = forms.CharField(
        label="Why are you holding everything?",
        help_text="Other operators read this. Name no person and nothing from a message.",
        max_length=200,
        error_messages={"required": "Say why you are holding everything"},
    )


class ResumeForm(Form):
    """After a restore: what had been sent already, as far as somebody knows."""

    withdraw = forms.TypedMultipleChoiceField(
        label="Which of these were sent before, and are to stay unsent now?",
        help_text="Choose those that you know went out. What you do not choose is sent, maybe for a second time.",
        coerce=UUID,
        required=False,
        widget=Checkboxes,
    )

    def __init__(self, *args: Any, batches: Sequence[Batch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["withdraw"]
        assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101  for the type checker
        field.choices = [(str(each.mailing), _words(each)) for each in batches]
        if not batches:
            del self.fields["withdraw"]


def _words(each: Batch) -> str:
    many = "1 message" if each.many == 1 else f"{each.many:,} messages"
    return f"{each.reference}, {each.network}, {each.marking}: {many} owed ({each.urgency.lower()})"
