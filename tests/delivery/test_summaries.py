from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery import bells, summaries, tasks
from delivery.models import Mailing, Recipient
from network.models import Network
from tests.delivery.factories import leads, released
from tests.delivery.wishing import rests, wants

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def waiting(durham, mia, otto):
    """An alert that waits for Mia's summary; Otto had it at once."""
    wants(mia, "digest")
    return released(durham, urgency="priority")


class TestMake:
    def test_is_for_those_who_chose_it_and_have_something_open(self, durham, waiting, mia, otto):
        made = summaries.make(durham, TODAY)
        assert list(made.recipients.values_list("person", flat=True)) == [mia.pk]
        assert (made.kind, made.reference, made.urgency) == ("digest", "DUR-SUM-20261122", "routine")
        assert made.subject == "Daily summary, 22 November 2026"

    def test_who_has_acknowledged_everything_gets_none(self, durham, waiting):
        Recipient.objects.update(acknowledged_at=Now())
        assert summaries.make(durham, TODAY) is None

    def test_is_made_once_a_day(self, durham, waiting):
        assert summaries.make(durham, TODAY)
        assert summaries.make(durham, TODAY) is None
        assert summaries.make(durham, TODAY + dt.timedelta(days=1))

    def test_the_database_lets_one_be_written(self, durham, waiting, monkeypatch):
        summaries.make(durham, TODAY)
        answers = iter([False, True])
        monkeypatch.setattr(summaries, "_made", lambda *_: next(answers))
        assert summaries.make(durham, TODAY) is None
        assert Mailing.objects.filter(kind="digest").count() == 1

    def test_another_network_has_its_own(self, durham, riverside, waiting, nell):
        wants(nell, "digest")
        assert summaries.make(riverside, TODAY) is None
        released(riverside, urgency="priority")
        made = summaries.make(riverside, TODAY)
        assert list(made.recipients.values_list("person", flat=True)) == [nell.pk]

    def test_waits_for_the_end_of_quiet_hours(self, durham, waiting, mia):
        end = rests(mia)
        made = summaries.make(durham, timezone.localdate() + dt.timedelta(days=1))
        assert made.deliveries.get().due_at == end

    def test_takes_as_many_statements_for_many_people(self, durham):
        def make(count: int, day: dt.date) -> int:
            for person in leads(durham, count):
                wants(person, "digest")
            released(durham, urgency="priority")
            with CaptureQueriesContext(connection) as asked:
                assert summaries.make(durham, day)
            return len(asked)

        assert make(2, TODAY) == make(20, TODAY + dt.timedelta(days=1))


@pytest.mark.django_db(transaction=True)
class TestSeveralBeats:
    def test_make_one_between_them(self):
        if connection.vendor == "sqlite":
            pytest.skip("SQLite lets one write at a time, and in memory nobody waits for it")
        network = Network.objects.create(name="Durham", prefix="DUR", starts_on=TODAY)
        (person,) = leads(network, 1)
        wants(person, "digest")
        released(network, urgency="priority")

        def beat(_: int) -> Mailing | None:
            try:
                return summaries.make(network, TODAY)
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as beats:
            made = [each for each in beats.map(beat, range(4)) if each]
        assert len(made) == 1
        assert Mailing.objects.filter(kind="digest").count() == 1


class TestSummarise:
    def test_makes_todays_of_every_network_and_rings(self, durham, riverside, waiting, nell, monkeypatch):
        wants(nell, "digest")
        released(riverside, urgency="priority")
        rung = []
        monkeypatch.setattr(bells, "ring", rung.append)
        tasks.summarise()
        assert rung == ["routine", "routine"]
        today = f"{timezone.localdate():%Y%m%d}"
        made = Mailing.objects.filter(kind="digest").values_list("reference", flat=True)
        assert sorted(made) == [f"DUR-SUM-{today}", f"RIV-SUM-{today}"]

    def test_the_beat_rings_at_half_past_seven_in_london(self):
        bell = settings.CELERY_BEAT_SCHEDULE["daily summaries"]
        assert bell["task"] == tasks.summarise.name
        assert (min(bell["schedule"].hour), bell["schedule"].minute) == (7, {30})
        assert settings.CELERY_TIMEZONE == "Europe/London"
