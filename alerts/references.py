"""Numbers people can say: `DUR-2026-0042`, counted within a network and year."""

from __future__ import annotations

from django.db.models import F
from django.utils import timezone

from alerts.models import Series
from network.models import Network


def take(network: Network) -> str:
    """The next reference of this network. Call it inside the transaction that uses it: who asks next waits for its end,
    and if it fails the number is free again. So there are neither doubles nor gaps."""
    year = timezone.localdate().year
    Series.objects.get_or_create(network=network, year=year)
    row = Series.objects.filter(network=network, year=year)
    row.update(last=F("last") + 1)
    return f"{network.prefix}-{year}-{row.values_list('last', flat=True).get():04}"
