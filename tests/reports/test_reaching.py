from __future__ import annotations

import pytest

from delivery.models import Number, SetAside
from network import standing
from reports.reaching import unreached

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
