"""How somebody wants to be reached."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.rendering import Form, GovukTimeField, Radios
from delivery.models import Delivery, Mailing, Preference, Quiet

Choice, Channel = Preference.Choice, Delivery.Channel
KINDS = {Mailing.Kind.ALERT: "Alerts", Mailing.Kind.TRAINING: "Training notices"}
BY_EMAIL = [(choice.value, choice.label) for choice in Choice]
IN_NEED = "in_need"  # no row: a text message stands in for an email that failed, or that no lead answered
NEEDED = "Only when an email to me could not be delivered, or nobody who leads my agency answers an immediate alert"
AT_ONCE = (Choice.AT_ONCE.value, "At once, as well as by email")
NEVER = (Choice.OFF.value, "Not at all")
BY_TEXT = {  # training is routine, and what is routine waits in the platform
    Mailing.Kind.ALERT: [AT_ONCE, (IN_NEED, NEEDED), NEVER],
    Mailing.Kind.TRAINING: [AT_ONCE, NEVER],
}
IN_SUMMARY = "At 7:30am: what is still open for you then."
OFF = "You still find them here when you sign in."
FIXED = "This is about alerts that can wait. Immediate alerts always come by email at once: nobody can turn them off."
CHOOSE = {"required": "Choose one"}
NO_NUMBER = "You have confirmed no number yet, so none is sent to you."
QUIET = "In these hours you are sent immediate messages only. Leave both empty for none. For example, 10pm"
BEGINS = {"time": "Enter when the quiet hours begin, like 10pm"}
ENDS = {"time": "Enter when the quiet hours end, like 7am"}


class PreferencesForm(Form):
    """How a person is reached: each kind of message by each channel, and hours of quiet.

    `PreferencesForm(data, chosen=rows, quiet=row, texts=True, number=False)`: whether text messages are sent at all,
    without which nothing is asked about them, and whether the person has given a number. A valid form's `choices` and
    `quiet` go to the action.
    """

    quiet_begins = GovukTimeField(label="Quiet hours from", help_text=QUIET, required=False, error_messages=BEGINS)
    quiet_ends = GovukTimeField(
        label="Quiet hours until",
        help_text="By the clock in London. For example, 7am",
        required=False,
        error_messages=ENDS,
    )

    def __init__(
        self,
        *args: Any,
        chosen: Iterable[Preference],
        quiet: Quiet | None,
        texts: bool,
        number: bool,
        **kwargs: Any,
    ) -> None:
        hours = {"quiet_begins": quiet.begins, "quiet_ends": quiet.ends} if quiet else {}
        super().__init__(*args, initial={**_as_initial(chosen), **hours}, **kwargs)
        hours_last = {name: self.fields.pop(name) for name in ("quiet_begins", "quiet_ends")}
        for kind, label in KINDS.items():
            self.fields[f"{kind}_email"] = _by_email(kind, label)
        for kind, label in KINDS.items() if texts else ():
            self.fields[f"{kind}_text"] = _by_text(kind, label, "" if number else NO_NUMBER)
        self.fields |= hours_last

    def clean(self) -> dict[str, Any]:
        """Hours of quiet need both ends, and some length."""
        data = super().clean() or self.cleaned_data
        begins, ends = data.get("quiet_begins"), data.get("quiet_ends")
        if begins is None and ends is not None and "quiet_begins" not in self.errors:
            self.add_error("quiet_begins", "Enter when the quiet hours begin")
        if ends is None and begins is not None and "quiet_ends" not in self.errors:
            self.add_error("quiet_ends", "Enter when the quiet hours end")
        if begins is not None and begins == ends:
            self.add_error("quiet_ends", "Quiet hours must end at another time than they begin")
        return data

    @property
    def choices(self) -> dict[tuple[str, str], str]:
        """What was chosen of what was asked, by kind and channel; ask only a valid form."""
        pairs = [(kind.value, way.value) for kind in KINDS for way in (Channel.EMAIL, Channel.TEXT)]
        asked = [(kind, way) for kind, way in pairs if f"{kind}_{way}" in self.fields]
        chosen = {(kind, way): self.cleaned_data[f"{kind}_{way}"] for kind, way in asked}
        return {key: "" if choice == IN_NEED else choice for key, choice in chosen.items()}

    @property
    def quiet(self) -> tuple[dt.time, dt.time] | None:
        """The hours of quiet; none without them."""
        begins, ends = self.cleaned_data["quiet_begins"], self.cleaned_data["quiet_ends"]
        return None if begins is None else (begins, ends)


def _by_email(kind: str, label: str) -> forms.Field:
    is_alert = kind == Mailing.Kind.ALERT
    hints = {Choice.DIGEST.value: IN_SUMMARY, Choice.OFF.value: OFF} if is_alert else {}
    fixed = FIXED if is_alert else ""
    return forms.ChoiceField(
        label=f"{label} by email", choices=BY_EMAIL, widget=Radios(hints=hints), help_text=fixed, error_messages=CHOOSE
    )


def _by_text(kind: Mailing.Kind, label: str, hint: str) -> forms.Field:
    return forms.ChoiceField(
        label=f"{label} by text message",
        choices=BY_TEXT[kind],
        widget=Radios,
        help_text=hint,
        error_messages=CHOOSE,
    )


def _as_initial(chosen: Iterable[Preference]) -> dict[str, str]:
    found = {f"{row.kind}_{row.channel}": row.choice for row in chosen}
    usual = {f"{kind}_{Channel.EMAIL}": Choice.AT_ONCE.value for kind in KINDS}
    return usual | {f"{kind}_{Channel.TEXT}": BY_TEXT[kind][1][0] for kind in KINDS} | found
