"""What is typed about webhooks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.rendering import Form, Radios
from delivery import targets
from network.models import Agency


class EndpointForm(Form):
    """A new webhook: of which of the agencies one leads, which system, and where it listens."""

    agency = forms.ModelChoiceField(Agency.objects.none(), widget=Radios, empty_label=None)
    name = forms.CharField(
        label="Which system is told?",
        max_length=80,
        help_text="For example, the case system",
        error_messages={"required": "Enter which system is told"},
    )
    url = forms.CharField(
        label="Where does it listen?",
        max_length=300,
        help_text="An address of your system on the internet, such as https://hooks.example.org/lantern. Ask whoever "
        "runs it.",
        error_messages={"required": "Enter where the system listens"},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "url"}),
    )

    def __init__(self, *args: Any, agencies: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["agency"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  for the type checker
        field.queryset = agencies
        only = list(agencies[:2])
        if len(only) == 1:
            field.initial, field.widget = only[0].pk, forms.HiddenInput()

    def clean_url(self) -> str:
        """An address that may be called, as far as can be told without asking what its name means."""
        url: str = self.cleaned_data["url"]
        try:
            targets.parsed(url)
        except targets.Unfit as problem:
            raise forms.ValidationError(str(problem)) from None
        return url
