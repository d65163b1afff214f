"""Taking the trail out of the building, which leaves an entry in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet

from audit import exports, guide, trail
from audit.models import Entry

MOST_ROWS = 100_000  # of a sheet; an export for the checker has no limit


@transaction.atomic
def export(*, network: UUID, by: Any) -> Iterator[bytes]:
    """The lines of an export for the checker: the whole chain, with the content of what concerns this network.

    Its auditors may. Raises PermissionDenied.
    """
    chosen = guide.audited(by).filter(pk=network).first()
    if chosen is None:
        raise PermissionDenied("Only an auditor of the network may export its trail.")
    trail.record("trail.export", chosen, by=by)
    return exports.for_checker(Entry.objects.visible_to(by).filter(guide.about(chosen)))


@transaction.atomic
def download(*, chosen: Q, by: Any) -> Iterator[str]:
    """A sheet of the entries that match and that this person may read: exactly those that the page shows them."""
    found: QuerySet[Entry] = Entry.objects.visible_to(by).filter(chosen)
    rows = min(found.count(), MOST_ROWS)
    newest = found.order_by("-pk").values_list("pk", flat=True).first() or 0
    trail.record("trail.download", guide.home(by) or by, by=by, entries=rows)
    return exports.as_sheet(found.filter(pk__lte=newest), MOST_ROWS)
