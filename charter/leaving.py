"""Somebody leaves: a council's record is the council's, so nothing moves. Who recorded what stays as it was written."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from charter.models import Council, Evidence, Progress
from network.appointing import Place
from network.leaving import Held
from network.models import Agency


def held(person: User, place: Place, reader: User) -> list[Held]:
    """What they recorded for the agency's council, as far as the reader may see it."""
    council = Council.objects.filter(agency=place).first() if isinstance(place, Agency) else None
    if council is None:
        return []
    url = reverse("charter:council", args=[council.code])
    progress = Progress.objects.visible_to(reader).filter(council=council, recorded_by=person).count()
    evidence = Evidence.objects.visible_to(reader).filter(progress__council=council, added_by=person).count()
    then = "Stay with the council, for its next charter officer"
    return [
        Held("Charter commitments they recorded", progress, then, url),
        Held("Charter evidence they added", evidence, then, url),
    ]
