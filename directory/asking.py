"""What is typed to open a thing to somebody: shares, grants, looser access, safe places, and reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from accounts.models import User
from accounts.rendering import Form, GovukDateField, Radios, Textarea
from directory.access import Access
from directory.forms import HINTS
from directory.models import Contact, Listing
from directory.need_to_know import MOST_HOURS, USUAL_HOURS, with_address
from directory.safe_places import LONGEST
from network.grants import SHORTEST_REASON
from network.models import Agency, Network

Data = Mapping[str, Any] | None
LISTING, PLACE = "listing", "place"
DAY: dict[str, Any] = {
    "input_formats": ["%d %m %Y", "%d/%m/%Y", "%Y-%m-%d"],
    "required": False,
    "error_messages": {"invalid": "Enter a date like 27 3 2026"},
}


def _reason(label: str, hint: str) -> forms.CharField:
    short = f"Say why in {SHORTEST_REASON} characters or more"
    errors = {"required": short, "min_length": short}
    return forms.CharField(
        label=label, help_text=hint, min_length=SHORTEST_REASON, max_length=500, widget=Textarea, error_messages=errors
    )


class ShareForm(Form):
    """With whom to share, of those the person knows, and until when."""

    place = forms.ChoiceField(
        label="Who to offer it to",
        help_text="Their people see it once they accept.",
        error_messages={"required": "Choose an agency or a network"},
    )
    last_day = GovukDateField(label="Last day", required=False, help_text="Empty: until one of you ends it.")

    def __init__(self, data: Data = None, *, agencies: Iterable[Agency], networks: Iterable[Network]) -> None:
        super().__init__(data)
        self.places: dict[str, Agency | Network] = {str(agency.pk): agency for agency in agencies}
        self.places |= {str(network.pk): network for network in networks}
        some = [(str(row.pk), row.name) for row in agencies]
        whole = [(str(row.pk), f"All of {row.name}") for row in networks]
        choices = [("", "Choose"), ("Agencies", some), ("Networks", whole)]
        self.fields["place"].choices = choices  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """What `actions.offer_share` takes."""
        day = self.cleaned_data["last_day"]
        after = day and dt.datetime.combine(day + dt.timedelta(1), dt.time(0), timezone.get_current_timezone())
        return {"to": self.places[self.cleaned_data["place"]], "until": after}


class LoosenForm(Form):
    """What more people should see, and who."""

    what = forms.ChoiceField(label="What should more people see?", widget=Radios)
    access = forms.ChoiceField(label="Who should see it?", widget=Radios(hints=HINTS))

    def __init__(self, data: Data = None, *, listing: Listing, contacts: Iterable[Contact]) -> None:
        super().__init__(data)
        self.contacts = {str(contact.pk): contact for contact in contacts}
        named = [
            (pk, f"The contact “{row.function}” (now: {row.get_access_display()})") for pk, row in self.contacts.items()
        ]
        whole = [(LISTING, "The listing")] if Access(listing.access).looser else []
        self.fields["what"].choices = [*whole, *named]  # type: ignore[attr-defined]
        self.fields["what"].initial = LISTING if whole else None
        now = [listing.access, *(row.access for row in self.contacts.values())]
        looser = [access for access in Access if any(access in Access(each).looser for each in now)]
        self.fields["access"].choices = [(access.value, access.label) for access in looser]  # type: ignore[attr-defined]

    def asked(self) -> dict[str, Any]:
        """What `actions.ask_to_loosen` takes."""
        return {"contact": self.contacts.get(self.cleaned_data["what"]), "access": self.cleaned_data["access"]}


class GrantForm(Form):
    """To whom, what, for how long and why."""

    colleague = forms.ChoiceField(label="Who needs to know?", required=False)
    email = forms.EmailField(
        label="Or the work email address of somebody else", required=False, help_text="Exactly as they sign in with it"
    )
    what = forms.ChoiceField(label="What do they need?", widget=Radios)
    hours = forms.TypedChoiceField(
        label="For how long?",
        coerce=int,
        initial=USUAL_HOURS,
        widget=Radios,
        choices=[(4, "4 hours"), (USUAL_HOURS, "24 hours"), (48, "48 hours"), (MOST_HOURS, "72 hours")],
    )
    reason = _reason("Why do they need to know?", "They read this, and so do auditors. Do not write an address.")

    def __init__(self, data: Data = None, *, listing: Listing, people: Iterable[User], has_place: bool) -> None:
        super().__init__(data)
        self.people = {str(person.pk): person for person in people}
        self.fields["colleague"].choices = [  # type: ignore[attr-defined]
            ("", "Choose"),
            *((pk, person.name) for pk, person in self.people.items()),
        ]
        offered = [(LISTING, "To know this listing")] if listing.is_concealed else []
        offered += [(PLACE, "To be shown the safe place, when they give a reason")] if has_place else []
        self.fields["what"].choices = offered  # type: ignore[attr-defined]
        self.fields["what"].initial = offered[0][0] if offered else None

    def clean(self) -> dict[str, Any]:
        """Exactly one person."""
        typed = self.cleaned_data
        if bool(typed.get("colleague")) == bool(typed.get("email")) and "email" not in self.errors:
            self.add_error("colleague", "Choose a person, or enter an email address, not both")
        elif typed.get("email"):
            try:
                self.people[""] = with_address(typed["email"])
            except forms.ValidationError as problem:
                self.add_error("email", problem)
        return typed

    def asked(self) -> dict[str, Any]:
        """What `need_to_know.give` takes."""
        found = self.cleaned_data
        return {
            "person": self.people[found["colleague"]],
            "with_place": found["what"] == PLACE,
            "hours": found["hours"],
            "reason": found["reason"],
        }


class CoverForm(Form):
    """A cover name."""

    name = forms.CharField(
        label="Cover name",
        max_length=60,
        help_text="Coordinators see this and nothing else. No word of the listing’s or the agency’s name.",
    )


class SafePlaceForm(Form):
    """Where a safe place is and how to get in. It is sealed at once, and never shown in a form again."""

    address = forms.CharField(label="Address", max_length=LONGEST["address"], widget=Textarea(attrs={"rows": 4}))
    postcode = forms.CharField(label="Postcode", max_length=LONGEST["postcode"], required=False)
    position = forms.CharField(
        label="Position", max_length=LONGEST["position"], required=False, help_text="For example, 54.7761, -1.5733"
    )
    getting_in = forms.CharField(
        label="How to get in", max_length=LONGEST["getting_in"], required=False, widget=Textarea
    )


class ReasonForm(Form):
    """Why somebody needs to see a safe place."""

    reason = _reason("Why do you need it now?", "Leads of the agency and auditors read this. Do not write an address.")


class ViewingsForm(Form):
    """Whose showings, and between which days."""

    mark_optional: ClassVar[bool] = False

    person = forms.ChoiceField(label="Who looked", required=False)
    since = forms.DateField(label="From", help_text="For example, 27 3 2026", **DAY)
    until = forms.DateField(label="To", help_text="For example, 31 3 2026", **DAY)

    def __init__(self, data: Mapping[str, Any], *, people: Iterable[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["person"].choices = [("", "Anybody"), *people]  # type: ignore[attr-defined]

    def narrowed(self) -> dict[str, Any]:
        """The filter that was asked for; empty when the form is wrong."""
        given = self.cleaned_data if self.is_valid() else {}
        names = {"person": "actor_id", "since": "at__date__gte", "until": "at__date__lte"}
        return {lookup: given[name] for name, lookup in names.items() if given.get(name)}
