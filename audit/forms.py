"""What may be asked of the audit trail."""

from __future__ import annotations

from typing import Any

from django import forms

from audit.words import WORDS

DAY: dict[str, Any] = {
    "input_formats": ["%d %m %Y", "%d/%m/%Y", "%Y-%m-%d"],
    "required": False,
    "error_messages": {"invalid": "Enter a date like 27 3 2026"},
}


class TrailForm(forms.Form):
    """Which deeds, and between which days. `before` goes on after the last entry of a page."""

    mark_optional = False

    verb = forms.ChoiceField(label="What was done", required=False)
    since = forms.DateField(label="From", help_text="For example, 27 3 2026", **DAY)
    until = forms.DateField(label="To", help_text="For example, 31 3 2026", **DAY)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["verb"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  for the type checker
        ordered = sorted(WORDS.items(), key=lambda pair: pair[1])
        field.choices = [("", "Anything"), *((verb, words[0].upper() + words[1:]) for verb, words in ordered)]

    def narrowed(self) -> dict[str, Any]:
        """The filter that was asked for, without where the page begins; empty when the form is wrong."""
        given = self.cleaned_data if self.is_valid() else {}
        names = {"verb": "verb", "since": "at__date__gte", "until": "at__date__lte"}
        return {lookup: given[name] for name, lookup in names.items() if given.get(name)}
