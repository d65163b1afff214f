"""What is typed about agreements."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from accounts.rendering import Form, GovukDateField, Textarea
from network.forms.agencies import midnight
from network.forms.own import OwnAgencyForm


class PublishForm(Form):
    """The next version of an agreement. The days begin at midnight."""

    title = forms.CharField(label="Title", max_length=160, initial="Information-sharing agreement")
    text = forms.CharField(
        label="Text",
        help_text="Once it is published nothing of it can be changed. Leave an empty line between paragraphs.",
        widget=Textarea(attrs={"rows": 18}),
        max_length=50_000,
        error_messages={"required": "Enter the text of the agreement"},
    )
    from_on = GovukDateField(label="From which day does it count?", help_text="Leave empty for now.", required=False)
    former_until_on = GovukDateField(
        label="On which day do things close to agencies that have not signed it?",
        help_text="Until that day begins, the version they signed still counts.",
        error_messages={"required": "Enter the day on which things close"},
    )

    def __init__(self, *args: Any, follows: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not follows:
            del self.fields["former_until_on"]

    def clean(self) -> dict[str, Any]:
        """Days to come, in order."""
        data = super().clean() or self.cleaned_data
        begins, closes, today = data.get("from_on"), data.get("former_until_on"), timezone.localdate()
        if begins and begins <= today:
            self.add_error("from_on", "The day must be in the future. Leave it empty for now")
        if closes and closes <= max(today, (begins or today) - dt.timedelta(1)):
            self.add_error("former_until_on", "The day must be in the future, and not before the new version counts")
        return data

    def asked(self) -> dict[str, Any]:
        """What `actions.agreements.publish` takes, beside the network and who asks."""
        given = self.cleaned_data
        return {
            "title": given["title"],
            "text": given["text"],
            "from_at": midnight(given["from_on"]),
            "former_until": midnight(given.get("former_until_on")),
        }


class SignForm(OwnAgencyForm):
    """A signature: for which agency, who signs, and that they read it."""

    signed_as = forms.CharField(
        label="Your full name", max_length=120, error_messages={"required": "Enter your full name"}
    )
    position = forms.CharField(
        label="Your position",
        help_text="For example, chief executive",
        max_length=120,
        error_messages={"required": "Enter your position"},
    )
    agreed = forms.BooleanField(
        label="I have read this agreement, and I sign it for my agency",
        error_messages={"required": "Tick the box to sign the agreement"},
    )
    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def asked(self) -> dict[str, Any]:
        """What `actions.agreements.sign` takes, beside the agreement and who signs."""
        return {name: self.cleaned_data[name] for name in ("agency", "signed_as", "position", "digest")}
