"""What is chosen when agencies end and others take over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.rendering import Checkboxes, Form, Textarea
from network.above import Thing
from network.models import Agency, Appointment, Party

STAYS = ""


class ReasonForm(Form):
    """Why a plan is given up."""

    reason = forms.CharField(
        label="Why?",
        help_text="The coordinators and the leads of every agency in the plan can read this.",
        max_length=1000,
        widget=Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter why"},
    )


class PlanForm(Form):
    """Which agencies end, and which take over. The choices are the network's live members."""

    ending = forms.ModelMultipleChoiceField(
        Agency.objects.none(),
        label="Which agencies end?",
        widget=Checkboxes,
        error_messages={"required": "Select at least one agency that ends"},
    )
    following = forms.ModelMultipleChoiceField(
        Agency.objects.none(), label="Which agencies take over?", widget=Checkboxes, required=False
    )
    new = forms.CharField(
        label="New agencies that take over",
        help_text="One name a line. They become members at once, and have to sign the agreement.",
        widget=Textarea(attrs={"rows": 3}),
        max_length=600,
        required=False,
    )

    def __init__(self, *args: Any, agencies: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("ending", "following"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101  for the type checker
            field.queryset = agencies

    def asked(self) -> dict[str, Any]:
        """What `actions.succession.prepare` takes, beside the network and who asks."""
        given = self.cleaned_data
        names = [line.strip() for line in given["new"].splitlines() if line.strip()]
        return {"ending": list(given["ending"]), "following": list(given["following"]), "new": names}


class AgreeForm(Form):
    """Where each person and each thing of an agency goes. Everyone comes along to the first unless told otherwise."""

    mark_optional = False

    def __init__(
        self, *args: Any, heirs: Sequence[Party], people: Sequence[Appointment], things: Sequence[Thing], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        to = [(str(heir.pk), f"Goes to {heir}") for heir in heirs]
        first = to[0][0] if to else ""
        for row in people:
            self.fields[f"person-{row.pk}"] = forms.ChoiceField(
                label=f"{row.person.name}, {row.get_role_display().lower()}",
                choices=[*to, (STAYS, "Does not come along")],
                initial=first,
                required=False,
            )
        for thing in things if len(heirs) > 1 else ():
            self.fields[f"thing-{thing.pk}"] = forms.ChoiceField(
                label=thing.name, help_text=thing.note, choices=to, initial=first
            )
        self.fields["sure"] = forms.BooleanField(
            label="I agree to this for my agency", error_messages={"required": "Tick the box to agree"}
        )

    def asked(self) -> dict[str, dict[str, str]]:
        """What `actions.succession.agree` takes, beside the party and who agrees."""
        chosen: dict[str, dict[str, str]] = {"person": {}, "thing": {}}
        for name, party in self.cleaned_data.items():
            kind, _, row = name.partition("-")
            if kind in chosen and party != STAYS:
                chosen[kind][row] = party
        return {"people": chosen["person"], "things": chosen["thing"]}
