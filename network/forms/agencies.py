"""What is typed about agencies and their places in networks."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.rendering import Checkboxes, Form, GovukDateField, Radios, Textarea
from network.models import Agency, Area, Network
from network.roster import STATES
from network.rosters import first_moment


def midnight(day: dt.date | None) -> dt.datetime | None:
    """The moment at which a day begins, by the clock in London."""
    return first_moment(day) if day else None


class FilterForm(Form):
    """Which agencies of which network."""

    mark_optional = False
    network = forms.ModelChoiceField(
        Network.objects.none(), to_field_name="prefix", required=False, empty_label="All your networks"
    )
    state = forms.ChoiceField(label="Show", required=False, choices=[("", "All but ended"), *STATES.items()])

    def __init__(self, *args: Any, networks: list[Network], shown: QuerySet[Network], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["network"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  for the type checker
        field.queryset = shown
        if len(networks) < 2:
            del self.fields["network"]


class StartForm(Form):
    """A new agency, or one that the coordinator sees already, and who leads it."""

    agency = forms.ModelChoiceField(
        Agency.objects.none(),
        label="An agency that you work with in another network",
        required=False,
        empty_label="None of these: it is new here",
    )
    name = forms.CharField(
        label="Name of the agency", max_length=160, error_messages={"required": "Enter the agency’s name"}
    )
    kind = forms.ChoiceField(
        label="What kind of agency is it?",
        choices=[("", "Select one"), *Agency.Kind.choices],
        error_messages={"required": "Select what kind of agency it is"},
    )
    areas = forms.ModelMultipleChoiceField(
        Area.objects.none(), label="Which areas does it cover?", required=False, widget=Checkboxes
    )
    email_domains = forms.CharField(
        label="Its email domains",
        help_text="Separated by spaces, like agency.example. They only suggest the agency for an address.",
        required=False,
        max_length=400,
    )
    lead_name = forms.CharField(label="Full name of its first lead", max_length=120, required=False)
    lead_email = forms.EmailField(
        label="The first lead’s work email address",
        help_text="We send an invitation. They invite the second lead.",
        required=False,
    )

    def __init__(self, *args: Any, agencies: QuerySet[Agency], areas: QuerySet[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _limit(self, "areas", areas)
        _limit(self, "agency", agencies)
        alone = not agencies.exists()
        self.fields["name"].required = self.fields["kind"].required = alone
        if alone:
            del self.fields["agency"]

    def clean(self) -> dict[str, Any]:
        """A known agency, or the name and kind of a new one; the lead's name with the address."""
        data = super().clean() or self.cleaned_data
        if "agency" in self.fields and not data.get("agency"):
            for name, missing in (("name", "Enter the agency’s name"), ("kind", "Select what kind of agency it is")):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, missing)
        if bool(data.get("lead_name")) != bool(data.get("lead_email")) and "lead_email" not in self.errors:
            self.add_error("lead_email", "Enter both the lead’s name and their address, or neither")
        return data

    def asked(self) -> dict[str, Any]:
        """What `actions.joining.start` takes, beside the network and who asks."""
        kept = {name: self.cleaned_data[name] for name in ("name", "kind", "areas", "lead_name", "lead_email")}
        return {**kept, "email_domains": self.cleaned_data["email_domains"].split()}


class SuspendForm(Form):
    """Why an agency is suspended."""

    reason = forms.CharField(
        label="Why do you suspend it?",
        help_text="Only the network’s coordinators can read this.",
        max_length=2000,
        widget=Textarea(attrs={"rows": 4}),
        error_messages={"required": "Enter why you suspend it"},
    )


class LeaveForm(Form):
    """When an agency's place ends."""

    when = forms.ChoiceField(
        label="When does its place end?",
        choices=[("now", "Now"), ("later", "On a day to come")],
        widget=Radios,
        error_messages={"required": "Select when its place ends"},
    )
    day = GovukDateField(label="The day", help_text="It ends when this day begins.", required=False)

    def clean(self) -> dict[str, Any]:
        """A day to come when it is not now."""
        data = super().clean() or self.cleaned_data
        if data.get("when") == "later" and "day" not in self.errors:
            day = data.get("day")
            if not day or day <= timezone.localdate():
                self.add_error("day", "The day must be in the future")
        return data

    @property
    def at(self) -> dt.datetime | None:
        """The moment; None for now."""
        return midnight(self.cleaned_data["day"]) if self.cleaned_data["when"] == "later" else None


class RenameForm(Form):
    """An agency's new name."""

    name = forms.CharField(label="New name", max_length=160, error_messages={"required": "Enter the agency’s new name"})


class NetworkForm(Form):
    """A network: its name, where it is, and how many people one coordinator may alert alone."""

    name = forms.CharField(label="Name of the network", max_length=120)
    letters = forms.CharField(
        label="Prefix of its references",
        help_text="2 to 4 letters, like DUR. It stands in every reference and is never changed.",
        max_length=4,
    )
    areas = forms.ModelMultipleChoiceField(
        Area.objects.none(), label="Which areas does it cover?", required=False, widget=Checkboxes
    )
    solo_release_limit = forms.IntegerField(
        label="Most people that one coordinator may alert alone",
        help_text="200 at most. Coordinators can only make it smaller.",
        min_value=0,
        max_value=200,
        initial=200,
    )

    def __init__(self, *args: Any, network: Network | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = Q(kind=Area.Kind.POLICE)
        if network is not None:
            mine = network.areas.values("pk")
            choices |= Q(pk__in=mine) | Q(within__in=mine, kind=Area.Kind.COUNCIL)
            del self.fields["letters"]
        else:
            del self.fields["solo_release_limit"]
        _limit(self, "areas", Area.objects.filter(choices).distinct().order_by("name"))

    def asked(self) -> dict[str, Any]:
        """What the actions take, beside the network and who asks."""
        given = dict(self.cleaned_data)
        return {"prefix": given.pop("letters"), **given} if "letters" in given else given


def _limit(form: Form, name: str, rows: QuerySet[Any]) -> None:
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise ValidationError(name)
    field.queryset = rows
