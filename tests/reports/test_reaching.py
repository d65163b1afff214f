from __future__ import annotations

import datetime as dt

import pytest
from django.db.models.functions import Now

from delivery import breakers, gate
from delivery.channels import channel
from delivery.models import Delivery, Number, SetAside
from network import standing
from reports.reaching import post, unreached
from tests.delivery.factories import released

pytestmark = pytest.mark.django_db


class TestUnreached:
    def test_tells_leads_of_their_people_and_everybody_of_themselves(self, mia, ben, otto, django_assert_num_queries):
        SetAside.objects.create(person=ben, channel="email", address=ben.email)
        here = standing.of(mia)
        with django_assert_num_queries(1):
            group = unreached(here)
        assert [task.text for task in group.tasks] == ["Email to Ben Okafor comes back"]
        assert group.url == "/messages/addresses/"
        assert [task.text for task in unreached(standing.of(ben)).tasks] == ["Email to you comes back"]
        assert not unreached(standing.of(otto)).tasks

    def test_says_when_messages_are_still_tried(self, mia):
        Number.objects.create(person=mia, number="+447700900123")
        SetAside.objects.create(person=mia, channel="text", address="+447700900123", flagged_only=True)
        assert [task.text for task in unreached(standing.of(mia)).tasks] == ["Text messages to you keep failing"]

    def test_stands_on_the_first_page(self, mia, ben, browse):
        SetAside.objects.create(person=ben, channel="email", address=ben.email)
        page = browse(mia).get("/").content.decode()
        assert "Messages that do not arrive" in page
        assert "Email to Ben Okafor comes back" in page


class TestThePost:
    def test_is_not_mentioned_while_it_does_well(self, omar):
        assert not post(standing.of(omar)).tasks

    def test_that_is_held_needs_whoever_runs_it_and_nobody_else(self, durham, mia, omar, browse):
        released(durham)
        Delivery.objects.update(due_at=Now() - dt.timedelta(minutes=2))
        gate.close("Restored")
        assert [task.text for task in post(standing.of(omar)).tasks] == ["Everything is held: nothing leaves"]
        page = browse(omar).get("/").content.decode()
        assert "Everything is held" in page
        assert "Nothing needs you" not in page
        assert "Everything is held" not in browse(mia).get("/").content.decode()

    def test_that_does_not_move_needs_them_too(self, durham, mia, omar):
        released(durham)
        Delivery.objects.filter(recipient__person=mia).update(due_at=Now() - dt.timedelta(minutes=2))
        for _ in range(breakers.PATIENCE):
            breakers.failed(channel("email").server(), "refused")
        said = [task.text for task in post(standing.of(omar)).tasks]
        assert said == ["1 message is due and not moving", "1 server does not answer"]
