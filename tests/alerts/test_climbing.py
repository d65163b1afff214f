from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import F
from django.utils import timezone

from alerts import actions, board, climbing
from alerts.models import Alert, Ladder, Step
from audit.models import Entry
from delivery.audience import Choice
from delivery.models import Delivery, Mailing, Number, Preference, Quiet, Recipient
from network.models import Appointment, Membership
from tests import factories as people
from tests.alerts import factories
from tests.factories import person

pytestmark = pytest.mark.django_db
NOW = {"urgency": Alert.Urgency.IMMEDIATE}
Kind = Step.Kind


def later(alert: Alert, minutes: float) -> None:
    """As if the alert had gone out so many minutes earlier."""
    back = dt.timedelta(minutes=minutes)
    Alert.objects.filter(pk=alert.pk).update(released_at=F("released_at") - back)
    Mailing.objects.filter(pk=alert.mailing_id).update(
        released_at=F("released_at") - back, deadline_at=F("deadline_at") - back
    )


def climbed(alert: Alert, minutes: float) -> int:
    later(alert, minutes)
    return climbing.climb()


def steps(alert: Alert, agency) -> list[int]:
    return list(Step.objects.filter(alert=alert, agency=agency).order_by("kind").values_list("kind", flat=True))


def has(alert: Alert) -> set[str]:
    return set(Recipient.objects.filter(mailing=alert.mailing_id).values_list("person__name", flat=True))


@pytest.fixture
def dee(haven):
    """Deputy of the refuge, and not chosen: the alert is for leads."""
    return person("Dee Marsh", "deputy", haven)


@pytest.fixture
def out(durham, cora, haven, mia, ben, dee):
    """Released to the lead of the refuge alone."""
    return factories.released(durham, cora, haven, roles=["lead"], **NOW)


class TestClimb:
    def test_gives_it_to_the_deputies_after_fifteen_minutes(self, out, haven, dee):
        assert has(out) == {"Mia Hughes"}
        assert climbed(out, 14.9) == 0
        assert has(out) == {"Mia Hughes"}
        assert climbed(out, 0.2) == 1
        assert has(out) == {"Mia Hughes", "Dee Marsh"}
        row = Recipient.objects.get(person=dee)
        why = "deputy lead of Haven House, where no lead had acknowledged it after 15 minutes"
        assert (row.reason, row.role, row.agency) == (why, "deputy", haven)
        assert list(row.deliveries.values_list("channel", "state")) == [("email", "queued")]
        assert steps(out, haven) == [Kind.RELEASED, Kind.DEPUTIES]
