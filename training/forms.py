"""What coordinators type about training."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from accounts.rendering import Form, GovukDateTimeField, GovukTimeField, Textarea
from network.models import Network
from training.models import https_only


class CourseForm(Form):
    """A course. `networks` are those whose training the person runs; with one of them nothing is asked."""

    network = forms.ModelChoiceField(
        Network.objects.none(), label="Which network is it for?", error_messages={"required": "Select a network"}
    )
    title = forms.CharField(label="Title", max_length=120)
    summary = forms.CharField(
        label="What will people learn?",
        max_length=2000,
        widget=Textarea(attrs={"rows": 5}),
        error_messages={"required": "Enter what people will learn"},
    )
    provider = forms.CharField(
        label="Who provides it?", help_text="For example, the police training team", required=False, max_length=120
    )

    def __init__(self, *args: Any, networks: QuerySet[Network], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["network"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 — for the type checker
        field.queryset = networks
        first = list(networks[:2])
        if len(first) == 1:
            field.widget, field.initial = forms.HiddenInput(), first[0].pk


class SessionForm(Form):
    """One run of a course: a day, from one time to another, at a place or online."""

    starts_at = GovukDateTimeField(label="When does it begin?")
    ends_at = GovukTimeField(label="When does it end?", help_text="The time on the same day. For example, 7pm")
    place = forms.CharField(
        label="Where is it held?",
        help_text="A building and a town. Leave empty if it is only online.",
        required=False,
        max_length=200,
    )
    url = forms.URLField(
        label="Link to join online",
        help_text="Starts with https://. Only people with a place see it.",
        required=False,
        max_length=500,
        assume_scheme="https",
        validators=[https_only],
    )
    capacity = forms.IntegerField(label="How many places are there?", min_value=1, max_value=5000)

    def clean(self) -> dict[str, Any]:
        """The end as a moment: the time given, on the day that it begins."""
        data = super().clean() or self.cleaned_data
        starts, ends = data.get("starts_at"), data.get("ends_at")
        if starts and ends:
            try:
                data["ends_at"] = GovukDateTimeField(label="End").moment(timezone.localtime(starts).date(), ends)
            except ValidationError as problem:
                self.add_error("ends_at", problem)
        return data
