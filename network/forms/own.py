"""For which of the agencies one speaks for something is: asked only of those who have several."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.rendering import Form, Radios
from network.models import Agency


class OwnAgencyForm(Form):
    """A form about one of these agencies. Who speaks for one alone is not asked which."""

    agency = forms.ModelChoiceField(
        Agency.objects.none(),
        label="For which agency?",
        widget=Radios,
        empty_label=None,
        error_messages={"required": "Select an agency"},
    )

    def __init__(self, *args: Any, agencies: QuerySet[Agency], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["agency"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  for the type checker
        field.queryset = agencies
        only = list(agencies[:2])
        if len(only) == 1:
            field.initial, field.widget = only[0].pk, forms.HiddenInput()
