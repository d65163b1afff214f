"""What people type about councils and the charter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from accounts.rendering import Form, GovukDateField, Radios, Textarea
from charter.models import Adoption, Council, Progress, https_only
from charter.register import NONE, NOTHING

KINDS_EXPLAINED = {
    Adoption.Kind.THIS: "The council passed a motion to adopt the charter itself, in whole or with reservations.",
    Adoption.Kind.OWN: "The council adopted a charter against modern slavery that it wrote itself or with others.",
    Adoption.Kind.INSPIRED: "The council passed a motion with some of the same ideas, but did not adopt a charter.",
    Adoption.Kind.REFERRED: "The council debated a motion and passed it to its cabinet or a committee to decide.",
}
STAGES_EXPLAINED = {
    Progress.Stage.NOT_STARTED: "Nothing has been done yet.",
    Progress.Stage.STARTED: "Somebody is working on it.",
    Progress.Stage.IN_PLACE: "The council does this now.",
    Progress.Stage.REVIEWED: "The council does this, and has checked that it works.",
}


def https(label: str, **more: Any) -> forms.URLField:
    """A web address that must begin with https://."""
    return forms.URLField(label=label, max_length=500, assume_scheme="https", validators=[https_only], **more)


class RegisterFilter(Form):
    """Narrows the register. Every field may be left empty; a wrong value counts as empty."""

    mark_optional = False

    text = forms.CharField(label="Council name or code", required=False, max_length=80)
    nation = forms.ChoiceField(label="Nation", required=False)
    region = forms.ChoiceField(label="Region of England", required=False)
    kind = forms.ChoiceField(label="What the council decided", required=False)
    former = forms.BooleanField(label="Include councils that have ended", required=False)

    def __init__(self, *args: Any, regions: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._offer("nation", "All nations", Council.Nation.choices)
        self._offer("region", "All regions", [(region, region) for region in regions])
        self._offer("kind", "Any, or nothing recorded", [*Adoption.Kind.choices, (NONE, NOTHING)])

    def _offer(self, name: str, everything: str, choices: Iterable[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — for the type checker
        field.choices = [("", everything), *choices]


class AdoptionForm(Form):
    """What the council decided."""

    kind = forms.ChoiceField(
        label="What did the council decide?",
        choices=Adoption.Kind.choices,
        widget=Radios(hints={str(kind): text for kind, text in KINDS_EXPLAINED.items()}),
        error_messages={"required": "Select what the council decided"},
    )
    decided_on = GovukDateField(label="Date of the motion")
    meeting = forms.CharField(
        label="Meeting", help_text="For example, full council or cabinet", required=False, max_length=200
    )
    minutes_url = https(
        "Link to the minutes",
        help_text="A public page that starts with https://. Everybody can see it.",
        required=False,
    )
    reservations = forms.CharField(
        label="Reservations",
        help_text="Words that limit the decision, such as “as far as practicable”. Everybody can see them.",
        required=False,
        max_length=2000,
        widget=Textarea(attrs={"rows": 4}),
    )


class ProgressForm(Form):
    """How far the council is with one commitment."""

    stage = forms.ChoiceField(
        label="How far is the council?",
        choices=Progress.Stage.choices,
        widget=Radios(hints={str(stage): text for stage, text in STAGES_EXPLAINED.items()}),
        error_messages={"required": "Select how far the council is"},
    )
    reviewed_on = GovukDateField(label="When was this last checked?", required=False)
    note = forms.CharField(
        label="Working note",
        help_text="Only this council’s charter officers and auditors can read it. Do not name workers or victims.",
        required=False,
        max_length=4000,
        widget=Textarea(attrs={"rows": 6}),
    )


class EvidenceForm(Form):
    """A link that shows what was done."""

    title = forms.CharField(label="What does it show?", help_text="For example, tender template 2026", max_length=150)
    url = https("Link", help_text="Starts with https://. Check that the page names no workers or victims.")
    public = forms.BooleanField(label="Publish it on the council’s page for everybody", required=False)
