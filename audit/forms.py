"""What may be asked of the audit trail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.apps import apps
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db.models import Q
from django.utils import timezone

from audit.guide import Choices, Places
from audit.words import WORDS

DAY: dict[str, Any] = {
    "input_formats": ["%d %m %Y", "%d/%m/%Y", "%Y-%m-%d"],
    "required": False,
    "error_messages": {"invalid": "Enter a date like 27 3 2026"},
    "validators": [
        MinValueValidator(dt.date(2000, 1, 1), "Enter a date after 1999"),
        MaxValueValidator(dt.date(2199, 12, 31), "Enter a date before 2200"),
    ],
}
SOME = 300  # people in a list; beyond that one comes to a person's deeds by an entry of theirs


class TrailForm(forms.Form):
    """Which deeds, of whom, to what, where, and between which days. `before` goes on after the last entry of a page."""

    mark_optional = False

    verb = forms.ChoiceField(label="What was done", required=False)
    kind = forms.ChoiceField(label="To what kind of thing", required=False)
    person = forms.UUIDField(label="Who did it", required=False, error_messages={"invalid": "Choose a person"})
    agency = forms.UUIDField(label="About which agency", required=False, error_messages={"invalid": "Choose an agency"})
    network = forms.UUIDField(label="In which network", required=False, error_messages={"invalid": "Choose a network"})
    since = forms.DateField(label="From", help_text="For example, 27 3 2026", **DAY)
    until = forms.DateField(label="To", help_text="For example, 31 3 2026", **DAY)
    subject = forms.CharField(
        required=False, max_length=140, widget=forms.HiddenInput, validators=[RegexValidator(r"^[a-z_.]+:[\w-]+$")]
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62, widget=forms.HiddenInput)

    def __init__(self, *args: Any, places: Places, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choices("verb", "Anything", sorted(_capitalised(WORDS), key=lambda pair: pair[1]))
        self._choices("kind", "Anything", kinds())
        self._select("person", "Anyone", places.people if len(places.people) <= SOME else [])
        self._select("agency", "Any agency", places.agencies)
        self._select("network", "Any network", places.networks)

    def narrowed(self) -> Q:
        """The filter that was asked for, without where the page begins."""
        given = self.cleaned_data
        names = {"verb": "verb", "kind": "subject_type", "person": "actor_id", "agency": "agency_id"}
        names |= {"network": "network_id", "since": "at__gte", "until": "at__lt"}
        kind, _, pk = given["subject"].partition(":")
        chosen = Q(subject_type=kind, subject_id=pk) if kind else Q()
        moments = {"since": _midnight(given["since"]), "until": _midnight(given["until"], days=1)}
        given = {**given, **moments}
        return chosen & Q(**{lookup: given[name] for name, lookup in names.items() if given[name]})

    def forget_the_page(self) -> None:
        """A filter that is applied anew begins with the newest."""
        if "before" not in self.errors:
            del self.fields["before"]

    def _choices(self, name: str, anything: str, choices: Choices) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  for the type checker
        field.choices = [("", anything), *choices]

    def _select(self, name: str, anything: str, choices: Choices) -> None:
        """A list where there is something to choose. What was asked for is kept where it is not in the list: a link
        on an entry's page leads to deeds of people who have left."""
        asked = str(self.data.get(name, ""))
        offered = [(str(pk), words) for pk, words in choices]
        if asked and asked not in {pk for pk, _ in offered}:
            offered.append((asked, "The one chosen"))
        several = len(offered) > 1 or asked
        self.fields[name].widget = forms.Select(choices=[("", anything), *offered]) if several else forms.HiddenInput()


class ExportForm(forms.Form):
    """Of which network's trail."""

    network = forms.UUIDField(label="Network", error_messages={"required": "Choose a network"})

    def __init__(self, *args: Any, networks: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["network"]
        if len(networks) == 1:
            field.initial, field.widget = networks[0][0], forms.HiddenInput()
        else:
            field.widget = forms.Select(choices=[("", "Choose"), *networks])


def kinds() -> Choices:
    """The kinds of things that deeds are done to: those with a name, or a secret, of their own in the trail."""
    named = [model for model in apps.get_models() if hasattr(model, "audit_name") or hasattr(model, "is_concealed")]
    return sorted(_capitalised({m._meta.label_lower: str(m._meta.verbose_name) for m in named}), key=lambda k: k[1])


def _capitalised(words: dict[str, str]) -> Choices:
    return [(name, text[0].upper() + text[1:]) for name, text in words.items()]


def _midnight(day: dt.date | None, days: int = 0) -> dt.datetime | None:
    if day is None:
        return None
    return timezone.make_aware(dt.datetime.combine(day + dt.timedelta(days=days), dt.time()))
