"""The page on which a listing is written: what it says, when it is open, whom to reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.forms.boundfield import BoundField

from accounts.messages import speak_plainly
from accounts.rendering import Checkboxes, Form, GovukDateField, Radios, Textarea
from directory import opening
from directory.access import Access
from directory.details import CONTACT_FIELDS, MOBILE_FIELDS, mobile_number
from directory.forms import HINTS, named
from directory.models import Contact, Listing, Mobile, OpeningHours, Term
from network.models import Area

SPARE_CONTACTS, MOST_CONTACTS = 2, 30
TEXTS = ("name", "summary", "description", "referral", "languages", "not_taking_until")
REACHES = ("officer", "phone", "email", "mobile")


class ListingForm(Form):
    """What a listing says, its opening hours and its contacts. `changes` is what the actions take."""

    name = forms.CharField(label="Name of the service", max_length=160)
    summary = forms.CharField(label="In one line", max_length=200, required=False)
    description = forms.CharField(label="What it offers", max_length=4000, required=False, widget=Textarea)
    referral = forms.CharField(label="How to refer", max_length=2000, required=False, widget=Textarea)
    languages = forms.CharField(label="Languages spoken", max_length=200, required=False)
    not_taking_until = GovukDateField(label="Not taking referrals until", required=False)
    help = forms.TypedMultipleChoiceField(label="Kinds of help", required=False, coerce=int, widget=Checkboxes)
    people = forms.TypedMultipleChoiceField(label="Who it is for", required=False, coerce=int, widget=Checkboxes)
    areas = forms.TypedMultipleChoiceField(label="Areas", required=False, coerce=UUID, widget=Checkboxes)
    contact_count = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        listing: Listing | None = None,
        contacts: Iterable[Contact] = (),
        terms: Iterable[Term] = (),
        areas: Iterable[Area] = (),
    ) -> None:
        self.contacts = list(contacts)
        self.floor = Access(listing.access) if listing else Access.PUBLIC
        super().__init__(data, initial=_initial(listing) if listing else {})
        self._offer(terms, areas)
        if listing is None:
            self.fields["access"] = _access_field("Who can see it", list(Access))
        for day in OpeningHours.Weekday:
            self.fields[f"hours_{day.value}"] = HoursField(day.value, label=str(day.label), required=False)
        self.initial["contact_count"] = self.how_many
        for n in range(self.how_many):
            self.fields.update(self._contact_fields(n))
        for name, field in self.fields.items():
            speak_plainly(name, field)

    @property
    def how_many(self) -> int:
        """How many contacts the page asks for: those there are, and two to spare."""
        typed = str(self.data.get("contact_count", "")) if self.is_bound else ""
        asked = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0
        return min(max(asked, len(self.contacts) + SPARE_CONTACTS), MOST_CONTACTS)

    @property
    def sections(self) -> list[tuple[str, str, list[BoundField]]]:
        """The page in parts: heading, hint, fields."""
        about = [self[name] for name in ("name", "summary", "description", "help", "people", "areas", "languages")]
        hours = [self[f"hours_{day.value}"] for day in OpeningHours.Weekday]
        parts = [
            ("The service", "", about),
            ("Referrals", "", [self["referral"], self["not_taking_until"]]),
            ("Opening hours", "For example, 9am to 5pm, or 9am to midday, 1pm to 5pm, or 24 hours, or closed.", hours),
        ]
        if "access" in self.fields:
            parts.insert(0, ("Who can see it", "You can make this stricter later, but not looser.", [self["access"]]))
        for n in range(self.how_many):
            fields = [self[name] for name in self.fields if name.startswith(f"contact_{n}_")]
            parts.append((f"Contact {n + 1}", "", [field for field in fields if not field.is_hidden]))
        return parts

    @property
    def changes(self) -> dict[str, Any]:
        """What was typed, as `directory.actions.edit` takes it."""
        found = self.cleaned_data
        spans = [span for day in OpeningHours.Weekday for span in found[f"hours_{day.value}"]]
        return {
            **{name: found[name] for name in TEXTS},
            "terms": [*found["help"], *found["people"]],
            "areas": found["areas"],
            "hours": opening.merged(spans),
            "contacts": list(self._typed_contacts()),
        }

    def clean(self) -> dict[str, Any]:
        """A contact needs a function when anything else of it is filled in, and some way to reach it."""
        for n in range(self.how_many):
            self._check_contact(n)
        return self.cleaned_data

    def _check_contact(self, n: int) -> None:
        typed = {name: self.cleaned_data.get(f"contact_{n}_{name}") for name in (*CONTACT_FIELDS, "mobile", "remove")}
        if typed["remove"] or not (typed["function"] or any(typed[name] for name in REACHES)):
            return
        if not typed["function"]:
            self.add_error(f"contact_{n}_function", "Enter what this contact is for, such as referrals")
        reached = any(f"contact_{n}_{name}" in self.errors for name in ("email", "mobile")) or self._has_mobile(n)
        if not (typed["phone"] or typed["email"] or reached):
            self.add_error(f"contact_{n}_phone", "Enter a phone number or an email address")

    def _typed_contacts(self) -> Iterator[dict[str, Any]]:
        for n in range(self.how_many):
            row = {name: self.cleaned_data[f"contact_{n}_{name}"] for name in CONTACT_FIELDS}
            if row["function"] and not self.cleaned_data.get(f"contact_{n}_remove"):
                mobile = {name: self.cleaned_data.get(f"contact_{n}_{name}", False) for name in MOBILE_FIELDS}
                yield {**row, **mobile, "id": self.cleaned_data.get(f"contact_{n}_id")}

    def _has_mobile(self, n: int) -> bool:
        kept = n < len(self.contacts) and hasattr(self.contacts[n], "mobile")
        return bool(self.cleaned_data.get(f"contact_{n}_mobile") or kept)

    def _contact_fields(self, n: int) -> dict[str, forms.Field]:
        old = self.contacts[n] if n < len(self.contacts) else None
        floor = max(self.floor, Access(old.access), key=list(Access).index) if old else self.floor
        usual = old.access if old else max(self.floor, Access.NETWORK, key=list(Access).index).value
        fields: dict[str, forms.Field] = {
            "function": forms.CharField(label="What it is for", max_length=80, required=False),
            "phone": forms.CharField(label="Phone number", max_length=40, required=False),
            "email": forms.EmailField(label="Email address", required=False),
            "officer": forms.CharField(label="Named officer", max_length=120, required=False),
            "access": _access_field("Who can see this contact", floor.as_strict, select=True),
        }
        for name, field in fields.items():
            field.initial = getattr(old, name) if old else None
        fields["access"].initial = usual
        fields |= _mobile_fields(getattr(old, "mobile", None))
        if old:
            fields["id"] = forms.UUIDField(initial=old.pk, required=False, widget=forms.HiddenInput)
            fields["remove"] = forms.BooleanField(label="Remove this contact", required=False)
        return {f"contact_{n}_{name}": field for name, field in fields.items()}

    def _offer(self, terms: Iterable[Term], areas: Iterable[Area]) -> None:
        words = list(terms)
        for kind in ("help", "people"):
            chosen = [(term.pk, term.name) for term in words if term.kind == kind]
            self.fields[kind].choices = chosen  # type: ignore[attr-defined]
        self.fields["areas"].choices = [(area.pk, named(area)) for area in areas]  # type: ignore[attr-defined]


class MobileField(forms.CharField):
    """A UK mobile number; cleans to how we write it. One that is kept is never shown here, only its mask."""

    def clean(self, value: Any) -> Any:
        """Raises ValidationError."""
        typed = super().clean(value)
        return mobile_number(typed) if typed else ""


class HoursField(forms.CharField):
    """One day's opening hours as a sentence; cleans to spans."""

    def __init__(self, weekday: int, **kwargs: Any) -> None:
        super().__init__(max_length=80, **kwargs)
        self.weekday = weekday

    def clean(self, value: Any) -> Any:
        """The spans of this day, and of the next where they run past midnight. Raises ValidationError."""
        return opening.read_day(self.weekday, super().clean(value))


def _mobile_fields(kept: Mobile | None) -> dict[str, forms.Field]:
    hint = f"Kept: {kept.masked}. Enter another number to replace it." if kept else "Masked until somebody asks for it."
    fields: dict[str, forms.Field] = {
        "mobile": MobileField(label="Mobile number", max_length=20, required=False, help_text=hint),
        "on_call": forms.BooleanField(
            label="On call: people of your network may ask for the mobile number",
            required=False,
            initial=bool(kept and kept.on_call),
        ),
    }
    if kept:
        fields["no_mobile"] = forms.BooleanField(label="Remove the mobile number", required=False)
    return fields


def _access_field(label: str, offered: Iterable[Access], *, select: bool = False) -> forms.ChoiceField:
    choices = [(access.value, access.label) for access in offered]
    widget: Any = forms.Select if select else Radios(hints=HINTS)
    return forms.ChoiceField(label=label, choices=choices, widget=widget, required=not select)


def _initial(listing: Listing) -> dict[str, Any]:
    """Taken from rows that were fetched with the listing."""
    days: dict[int, list[OpeningHours]] = {}
    for row in listing.hours.all():
        days.setdefault(row.weekday, []).append(row)
    terms = list(listing.terms.all())
    return {
        **{name: getattr(listing, name) for name in TEXTS},
        **{kind: [term.pk for term in terms if term.kind == kind] for kind in ("help", "people")},
        **{f"hours_{day}": opening.sentence(rows) for day, rows in days.items()},
        "areas": [area.pk for area in listing.areas.all()],
    }
