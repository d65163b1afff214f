"""What people asked for, heeded: what they turned off, the daily summary, hours of quiet, addresses set aside.

Asked when a message goes in and again when it is about to be sent. An alert that cannot wait comes at any hour, and
for those who lead an agency it cannot be turned off.
"""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from delivery.models import Mailing, Preference
from network.visibility import LEADS

TURNED_OFF = "The person has turned this off."


def wanted() -> Q:
    """Of deliveries: that nobody has turned them off. For leads nothing turns off an alert that cannot wait."""
    refused = Preference.objects.filter(
        person=OuterRef("recipient__person"),
        kind=OuterRef("mailing__kind"),
        channel=OuterRef("channel"),
        choice=Preference.Choice.OFF,
    )
    unmutable = Q(urgency=Mailing.Urgency.IMMEDIATE, mailing__kind=Mailing.Kind.ALERT, recipient__role__in=LEADS)
    return unmutable | Q(~Exists(refused))


def heed(mailing: Mailing) -> None:
    """After the rows of a message were written: what somebody does not want is closed, and what can wait does."""
