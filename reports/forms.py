"""What may be asked of the figures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet

from accounts.rendering import Form
from network.models import Network
from reports import periods


class FiguresForm(Form):
    """Which network and which quarter: the reader's only network and this quarter unless told."""

    mark_optional = False

    network = forms.ModelChoiceField(Network.objects.none(), required=False, empty_label=None)
    quarter = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, networks: QuerySet[Network], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.networks = list(networks)
        network, quarter = self.fields["network"], self.fields["quarter"]
        assert isinstance(network, forms.ModelChoiceField)  # noqa: S101  for the type checker
        assert isinstance(quarter, forms.ChoiceField)  # noqa: S101
        network.queryset = networks
        quarter.choices = [(each.code, each.name) for each in periods.latest()]
        if len(self.networks) == 1:
            network.widget = forms.HiddenInput()

    def chosen(self) -> tuple[Network, periods.Quarter] | None:
        """The network and quarter to show; None when something else was asked for."""
        if not self.is_valid():
            return None
        network = self.cleaned_data["network"] or self.networks[0]
        return network, periods.read(self.cleaned_data["quarter"]) or periods.current()
