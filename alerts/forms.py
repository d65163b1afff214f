"""What people fill in about alerts. Forms say whether the input is well formed; the actions decide the rest."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from accounts.rendering import Form, GovukDateTimeField, Radios, Textarea
from alerts import marking
from alerts.models import LATEST, SOONEST, Alert
from delivery.models import one_line
from network.models import Network

CLASSIFICATION_HINTS = {
    marking.Classification.OFFICIAL: "Ordinary work between partners.",
    marking.Classification.SENSITIVE: "It could do harm if the wrong people read it. Email will not carry the text.",
}


def _one_of(
    choices: Any, label: str, asked: str, hint: str = "", hints: dict[Any, str] | None = None
) -> forms.ChoiceField:
    """A question with radio buttons. `asked` is the question as part of a sentence, for when it was not answered."""
    widget = Radios(hints={str(value): text for value, text in (hints or {}).items()})
    missing = {"required": f"Select {asked}"}
    return forms.ChoiceField(
        choices=choices.choices, label=label, help_text=hint, widget=widget, error_messages=missing
    )


class AlertForm(Form):
    """The words, the three questions and the marking of an alert. `networks` are those the author may write for; with
    one of them nothing is asked."""

    network = forms.ModelChoiceField(
        Network.objects.none(), label="Which network is it for?", error_messages={"required": "Select a network"}
    )
    title = forms.CharField(
        max_length=120,
        validators=[one_line],
        help_text="What it is about, in a few words. No names, no addresses.",
        error_messages={"required": "Enter a title"},
    )
    instruction = forms.CharField(
        max_length=2000,
        label="What should people do?",
        help_text="Start with the most important thing. Readers see this first.",
        widget=Textarea(attrs={"rows": 5}),
        error_messages={"required": "Enter what people should do"},
    )
    text = forms.CharField(
        max_length=4000,
        label="What is known?",
        help_text="The pattern, the kind of place, the method, the broad area, the signs to look for.",
        widget=Textarea(attrs={"rows": 8}),
        error_messages={"required": "Enter what is known"},
    )
    urgency = _one_of(Alert.Urgency, "How soon must people act?", "how soon people must act")
    severity = _one_of(Alert.Severity, "How serious is it?", "how serious it is")
    certainty = _one_of(Alert.Certainty, "How sure are you?", "how sure you are")
    classification = _one_of(
        marking.Classification,
        "How sensitive is it?",
        "how sensitive it is",
        "Nothing marked SECRET or above may be entered here.",
        CLASSIFICATION_HINTS,
    )
    tlp = _one_of(
        marking.Tlp,
        "How far may readers pass it on?",
        "how far readers may pass it on",
        "The labels of the Traffic Light Protocol 2.0.",
        marking.ALLOWS,
    )
    handling = forms.CharField(
        max_length=120,
        required=False,
        validators=[one_line],
        label="Handling instruction",
        help_text="Anything more that readers must know before they pass it on.",
    )
    expires_at = GovukDateTimeField(
        required=False,
        label="When does it end?",
        help_text="After this no more emails go out and nobody is asked to answer. For example, 27 3 2027 at 5:30pm",
    )

    def __init__(self, *args: Any, networks: QuerySet[Network] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if networks is None:
            del self.fields["network"]
            return
        field = self.fields["network"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - tells the type checker, decides nothing
        field.queryset = networks
        found = list(networks[:2])
        if len(found) == 1:
            field.widget, field.initial = forms.HiddenInput(), found[0].pk

    def clean_expires_at(self) -> dt.datetime | None:
        """An end that is past is said here, where it is typed, and not only at release."""
        ends: dt.datetime | None = self.cleaned_data["expires_at"]
        if ends and ends <= timezone.now():
            raise forms.ValidationError("The end must be in the future")
        return ends


def _minutes(label: str, hint: str) -> forms.IntegerField:
    missing = {"required": f"Enter after how many minutes: {label[0].lower()}{label[1:]}"}
    return forms.IntegerField(label=label, help_text=hint, min_value=SOONEST, max_value=LATEST, error_messages=missing)


class LadderForm(Form):
    """After how many minutes an alert that no lead has acknowledged goes on. The table holds that each comes after the
    one before."""

    deputies_after = _minutes("The agency’s other leads and deputy leads are given it", f"From {SOONEST} minutes.")
    other_way_after = _minutes("Its leads get a text message as well", "Those who have given a number for it.")
    calls_after = _minutes("The agency is on your call list", f"{LATEST} minutes at the latest.")


class ReasonForm(Form):
    """Why."""

    reason = forms.CharField(
        max_length=400,
        label="Why?",
        widget=Textarea(attrs={"rows": 4}),
        error_messages={"required": "Enter a reason"},
    )


class ReleaseForm(Form):
    """The fingerprint of the release sheet that the person saw."""

    sheet = forms.CharField(max_length=64, widget=forms.HiddenInput())
