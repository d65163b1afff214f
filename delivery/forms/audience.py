"""Choosing whom a message is for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from accounts.rendering import Checkboxes, Form
from delivery.audience import DEFAULT_ROLES, STRENGTH, Choice
from delivery.models import Audience
from network.models import Agency, Area, Membership, Network

MANY = ("areas", "agencies", "excluded")


class AudienceForm(Form):
    """The rule of who a message is for. The choices end at what the person may see and the network holds.

    `AudienceForm(request.POST or None, by=request.user, network=network, audience=existing)`. A valid form's `choice`
    goes to `audience.save`. A choice from outside (another network's agency) is refused as one that does not exist.
    """

    everyone = forms.BooleanField(label="All agencies in the network", required=False)
    kinds = forms.MultipleChoiceField(
        label="Kinds of agency", choices=Agency.Kind.choices, widget=Checkboxes, required=False
    )
    areas = forms.ModelMultipleChoiceField(
        label="Areas they cover", queryset=Area.objects.none(), widget=Checkboxes, required=False
    )
    agencies = forms.ModelMultipleChoiceField(
        label="These agencies as well", queryset=Agency.objects.none(), widget=Checkboxes, required=False
    )
    excluded = forms.ModelMultipleChoiceField(
        label="But not these agencies", queryset=Agency.objects.none(), widget=Checkboxes, required=False
    )
    roles = forms.MultipleChoiceField(
        label="People in which roles",
        choices=[(role.value, role.label) for role in STRENGTH],
        widget=Checkboxes,
        error_messages={"required": "Select at least one role"},
    )

    def __init__(self, *args: Any, by: Any, network: Network, audience: Audience | None = None, **kwargs: Any) -> None:
        kwargs["initial"] = {**_as_initial(audience), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)
        members = Membership.objects.live().filter(network=network).values("agency")
        agencies = Agency.objects.visible_to(by).filter(pk__in=members)
        covered = Area.objects.filter(Q(networks=network.pk) | Q(agencies__in=members)).distinct()
        self._limit("agencies", agencies)
        self._limit("excluded", agencies)
        self._limit("areas", covered)

    def _limit(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101
        field.queryset = rows.order_by("name")

    def clean(self) -> dict[str, Any]:
        """Somebody has to be chosen, and in one way: everyone, or by rule and name."""
        data = super().clean() or self.cleaned_data
        by_rule = any(data.get(name) for name in ("kinds", "areas", "agencies"))
        if data.get("everyone") and by_rule:
            self.add_error("everyone", "Choose all agencies, or some of them, not both")
        if not data.get("everyone") and not by_rule:
            self.add_error("everyone", "Select all agencies, or at least one kind, area or agency")
        return data

    @property
    def choice(self) -> Choice:
        """What was chosen; ask only a valid form."""
        return Choice(**self.cleaned_data)


def _as_initial(audience: Audience | None) -> dict[str, Any]:
    if audience is None:
        return {"roles": DEFAULT_ROLES}
    rule = {"everyone": audience.everyone, "kinds": audience.kinds, "roles": audience.roles}
    return rule | {name: [row.pk for row in getattr(audience, name).all()] for name in MANY}
