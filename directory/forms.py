"""Whether what was typed is well formed. What may be chosen comes from what the person may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from django import forms

from accounts.rendering import Form, Radios, Textarea
from directory.access import Access
from directory.filters import Counts, Wanted
from directory.models import Listing, Term
from network.models import Agency, Area

HINTS: dict[str, str] = {
    Access.PUBLIC: "Anyone, and it may be published. Give nothing here that could lead to a survivor.",
    Access.NETWORK: "People of the agencies in your network.",
    Access.RESTRICTED: "People of your own agency, the coordinator, and agencies it is shared with.",
    Access.CONCEALED: "People of your own agency only. Nobody else will know that it exists.",
}


class Question(NamedTuple):
    """A question of the directory's page as its template draws it. Drawn field by field like other forms, the questions
    take longer than all the rest of the page."""

    name: str
    label: str
    hint: str
    errors: list[str]
    described: str
    value: str
    is_on: bool | None
    options: list[tuple[str, str, bool]]


class SearchForm(Form):
    """The questions of the directory's page. An answer that is not among the choices is an error, and is left out."""

    mark_optional: ClassVar[bool] = False

    FIRST: ClassVar[tuple[str, ...]] = ("q", "help", "open")
    FURTHER: ClassVar[tuple[str, ...]] = ("area", "people", "kind", "taking")

    q = forms.CharField(label="Words", max_length=200, required=False, help_text="A name, a service or a place")
    help = forms.ChoiceField(label="Kind of help", required=False)
    area = forms.TypedChoiceField(label="Area", required=False, coerce=UUID, empty_value=None)
    people = forms.ChoiceField(label="Who it is for", required=False)
    kind = forms.ChoiceField(label="Type of agency", required=False)
    open = forms.BooleanField(label="Open now", required=False)
    taking = forms.BooleanField(label="Taking referrals", required=False)

    def __init__(
        self, data: Mapping[str, Any], *, terms: Iterable[tuple[str, str, str]], areas: Iterable[Area]
    ) -> None:
        super().__init__(data)
        words: dict[str, list[tuple[str, str]]] = {kind: [] for kind in Term.Kind.values}
        for kind, code, name in terms:
            words[kind].append((code, name))
        self._offer("help", words[Term.Kind.HELP])
        self._offer("people", words[Term.Kind.PEOPLE])
        self._offer("kind", [(str(value), str(label)) for value, label in Agency.Kind.choices])
        self._offer("area", [(str(area.pk), named(area)) for area in areas])

    @cached_property
    def wanted(self) -> Wanted:
        """What is looked for, made of the answers that could be read."""
        self.is_valid()
        found = self.cleaned_data
        return Wanted(
            text=found.get("q", ""),
            help=found.get("help", ""),
            people=found.get("people", ""),
            kind=found.get("kind", ""),
            area=found.get("area"),
            open_now=found.get("open", False),
            taking=found.get("taking", False),
        )

    @property
    def is_narrowed(self) -> bool:
        """Whether anything at all was asked."""
        return self.wanted != Wanted()

    @property
    def is_narrowed_further(self) -> bool:
        """Whether one of the further questions was answered, rightly or wrongly."""
        return any(self[name].value() for name in self.FURTHER)

    @property
    def first(self) -> list[Question]:
        """What most people ask by."""
        return [self._question(name) for name in self.FIRST]

    @property
    def further(self) -> list[Question]:
        """The other questions."""
        return [self._question(name) for name in self.FURTHER]

    def count(self, counts: Counts) -> None:
        """Write beside each answer how many of the listings found it would leave."""
        for name in ("help", "people"):
            self._count(name, {key.partition(":")[2]: n for key, n in counts.terms.items() if key.startswith(name)})
        self._count("kind", counts.kinds)

    def _question(self, name: str) -> Question:
        field, value, errors = (
            self.fields[name],
            self[name].value(),
            [str(error) for error in self.errors.get(name, ())],
        )
        ids = [f"id_{name}_helptext"] * bool(field.help_text) + [f"id_{name}_error"] * bool(errors)
        typed = "" if value in {None, True, False} else str(value)
        return Question(
            name=name,
            label=str(field.label),
            hint=str(field.help_text),
            errors=errors,
            described=" ".join(ids),
            value=typed,
            is_on=bool(value) if isinstance(field, forms.BooleanField) else None,
            options=[(code, label, code == typed) for code, label in getattr(field, "choices", ())],
        )

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [("", "Any"), *choices]  # type: ignore[attr-defined]

    def _count(self, name: str, counts: Mapping[str, int]) -> None:
        field: Any = self.fields[name]
        field.choices = [
            (value, f"{label} ({counts.get(value, 0)})" if value else label) for value, label in field.choices
        ]


class TightenForm(Form):
    """Who may still see a listing: only stricter answers are offered."""

    access = forms.ChoiceField(label="Who can see it from now on", widget=Radios(hints=HINTS))

    def __init__(self, data: Mapping[str, Any] | None = None, *, listing: Listing) -> None:
        super().__init__(data)
        stricter = Access(listing.access).as_strict[1:]
        self.fields["access"].choices = [(access.value, access.label) for access in stricter]  # type: ignore[attr-defined]


class AgencyForm(Form):
    """An agency's own details."""

    description = forms.CharField(label="What the agency does", max_length=4000, required=False, widget=Textarea)
    former_names = forms.CharField(
        label="Other names people may look for", max_length=400, required=False, help_text="Former names, short names"
    )
    website = forms.URLField(label="Website", required=False, assume_scheme="https")
    public_phone = forms.CharField(label="Public phone number", max_length=40, required=False)
    office_phone = forms.CharField(
        label="Office phone number", max_length=40, required=False, help_text="For people in your network"
    )
    team_email = forms.EmailField(label="Team mailbox", required=False, help_text="For people in your network")

    def __init__(self, data: Mapping[str, Any] | None = None, *, agency: Agency) -> None:
        super().__init__(data, initial={name: getattr(agency, name) for name in self.base_fields})


def named(area: Area) -> str:
    """Its name, and what it is where places of several kinds share a name."""
    return str(area) if area.kind == Area.Kind.COUNCIL else f"{area} ({area.get_kind_display().lower()})"
