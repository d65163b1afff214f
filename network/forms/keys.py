"""What is typed about keys."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils import timezone

from accounts.rendering import Checkboxes, Radios, Textarea
from network.forms.own import OwnAgencyForm
from network.models import ApiKey

LASTS = {"30": "30 days", "90": "90 days", "365": "1 year"}


class KeyForm(OwnAgencyForm):
    """A new key: for which of the agencies one leads, what for, and for how long."""

    name = forms.CharField(
        label="What will use the key?",
        max_length=80,
        help_text="For example, the case system’s nightly update",
        error_messages={"required": "Enter what will use the key"},
    )
    scopes = forms.MultipleChoiceField(
        label="What may it read?",
        choices=ApiKey.Scope.choices,
        widget=Checkboxes,
        error_messages={"required": "Choose what the key may read"},
    )
    lasts = forms.ChoiceField(
        label="How long should it last?",
        choices=list(LASTS.items()),
        widget=Radios,
        error_messages={"required": "Choose how long the key should last"},
    )

    allowed_from = forms.CharField(
        label="Which addresses may it be used from?",
        required=False,
        validators=[MaxLengthValidator(1000)],
        widget=Textarea(attrs={"rows": 3}),
        help_text="IP addresses or networks, one on each line, such as 192.0.2.10 or 2001:db8::/48. "
        "Ask whoever runs the system. Leave empty for any address.",
    )

    def clean_allowed_from(self) -> list[str]:
        """One network for each word. What each means is for the action to say."""
        text: str = self.cleaned_data["allowed_from"]
        return text.replace(",", " ").split()

    def asked(self) -> dict[str, Any]:
        """What `actions.issue_key` takes, beside who asks."""
        given = self.cleaned_data
        return {
            "agency": given["agency"],
            "name": given["name"],
            "scopes": given["scopes"],
            "allowed_from": given["allowed_from"],
            "expires_at": timezone.now() + timedelta(days=int(given["lasts"])),
        }
