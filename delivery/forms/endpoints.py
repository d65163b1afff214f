"""What is typed about webhooks."""

from __future__ import annotations

from django import forms

from delivery import targets
from network.forms.own import OwnAgencyForm


class EndpointForm(OwnAgencyForm):
    """A new webhook: of which of the agencies one leads, which system, and where it listens."""

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

    def clean_url(self) -> str:
        """An address that may be called, as far as can be told without asking what its name means."""
        url: str = self.cleaned_data["url"]
        try:
            targets.parsed(url)
        except targets.Unfit as problem:
            raise forms.ValidationError(str(problem)) from None
        return url
