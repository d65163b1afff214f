"""What people in tests ask for."""

from __future__ import annotations

import datetime as dt
from typing import Any

from accounts.models import User
from delivery.models import Preference, Quiet, SetAside
from delivery.quiet import LONDON

HOUR = dt.timedelta(hours=1)


def wants(person: User, choice: str, kind: str = "alert", channel: str = "email") -> Preference:
    """A choice the person made."""
    return Preference.objects.create(person=person, kind=kind, channel=channel, choice=choice)


def rests(person: User, *, since: dt.timedelta = HOUR, until: dt.timedelta = 2 * HOUR) -> dt.datetime:
    """Quiet hours that are on now, by whole minutes; when they end."""
    now = dt.datetime.now(LONDON).replace(second=0, microsecond=0)
    end = (now.astimezone(dt.UTC) + until).astimezone(LONDON)
    Quiet.objects.create(person=person, begins=(now - since).time(), ends=end.time())
    return end


def set_aside(person: User, **fields: Any) -> SetAside:
    """The address the person has now does not work."""
    return SetAside.objects.create(**{"person": person, "channel": "email", "address": person.email, **fields})
