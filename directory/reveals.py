"""How many mobile numbers a person asked for, and when that is so many that somebody should look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from delivery import notices
from network import standing
from network.models import Agency
from network.visibility import INSIDERS

USUAL_IN_AN_HOUR = 5
REFUSAL = (
    "You have asked for {most} mobile numbers today, which is as many as one person may. "
    "Ring the agency’s office number, or ask your coordinator. You can ask again tomorrow."
)

TOLD = """Somebody has asked for unusually many mobile numbers. It may be a busy day, or something to ask about.

See who was shown what, and why, after you sign in."""


def count(person: User) -> tuple[int, int]:
    """How many numbers this person asked for today, by London's day, and within the last hour. One query. Whoever
    counts to decide holds the person's row."""
    now = timezone.localtime()
    midnight, hour = now.replace(hour=0, minute=0, second=0, microsecond=0), now - dt.timedelta(hours=1)
    mine = Entry.objects.filter(verb="mobile.reveal", actor_id=person.pk, at__gte=min(midnight, hour))
    found = mine.aggregate(today=Count("pk", filter=Q(at__gte=midnight)), hour=Count("pk", filter=Q(at__gte=hour)))
    return found["today"], found["hour"]


def require_some_left(today: int) -> None:
    """Pass, or raise ValidationError when today's numbers are used up."""
    if today >= settings.MOBILE_REVEALS_A_DAY:
        raise ValidationError(REFUSAL.format(most=settings.MOBILE_REVEALS_A_DAY))


def is_unusual(today: int, hour: int) -> bool:
    """Whether with this one it has become many: the first too many within an hour, or the last of the day."""
    return hour == USUAL_IN_AN_HOUR + 1 or today == settings.MOBILE_REVEALS_A_DAY


def to_tell(person: User, agency: UUID) -> Iterable[Agency]:
    """The agencies whose leads should know: whose number it was, and for whom the person speaks."""
    own = standing.of(person).agencies(*INSIDERS)
    return Agency.objects.filter(pk__in={agency, *own}).order_by("pk")


def tell(agency: Agency, person: User) -> None:
    """Send the agency's leads a notice, but not to the person who asked. Who it was and what was shown is behind
    sign-in, where protected details are accounted for."""
    notices.tell_leads(
        agency,
        subject="Many mobile numbers were shown to one person",
        text=TOLD,
        path=reverse("directory:viewings"),
        but={person.pk},
    )
