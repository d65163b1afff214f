"""Who can see this alert, and why: the pages."""

from __future__ import annotations

from html import unescape

import pytest
from django.urls import reverse

from delivery import audience
from tests.alerts.factories import SENSITIVE, released

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(durham, haven, harbour, cora, asha, mia, ben, otto, dara, nora):  # noqa: PLR0917
    return released(durham, cora, haven, harbour, approver=asha, **SENSITIVE)


class TestWho:
    def test_tells_who_and_who_may_read_it(self, browse, alert, cora):
        body = browse(cora).get(reverse("alerts:who", args=[alert.reference])).content.decode()
        assert "It was sent to them as lead of Haven House: may read it" in body
        assert "Auditor of Durham and Darlington Anti-Slavery Network: knows of it, but may not read it" in body
        assert "Coordinators and approvers of Durham" in body
        assert alert.title not in body

    def test_tells_a_recipient_only_about_themselves(self, browse, alert, mia):
        body = browse(mia).get(reverse("alerts:who", args=[alert.reference])).content.decode().split("<main")[1]
        assert "It was sent to them as lead of Haven House" in body
        assert "Otto" not in body
        assert browse(mia).get(reverse("alerts:who_csv", args=[alert.reference])).status_code == 403

    def test_does_not_admit_it_to_others(self, browse, alert, nell, cal):
        for person in (nell, cal):
            assert browse(person).get(reverse("alerts:who", args=[alert.reference])).status_code == 404

    def test_is_a_sheet_as_well(self, browse, alert, dara):
        text = browse(dara).get(reverse("alerts:who_csv", args=[alert.reference])).content.decode("utf-8-sig")
        assert text.splitlines()[0] == "Name,Agency or network,Why"
        assert "Otto Lindqvist,Harbour Advice" in text
        assert alert.title not in text


class TestWhyNot:
    def page(self, browse, person, alert) -> str:
        answer = browse(person).get(reverse("alerts:why_not", args=[alert.reference]))
        return " ".join(answer.content.decode().split("<main")[1].split())

    def test_tells_a_recipient_what_happened_by_each_way(self, browse, alert, mia):
        body = self.page(browse, mia, alert)
        assert "as lead of Haven House" in body
        for way in ("In the platform", "Email", "Text message"):
            assert way in body
        assert "Otto" not in body

    def test_tells_others_that_it_was_not_for_them_and_whom_it_was_for(self, browse, alert, cora):
        body = self.page(browse, cora, alert)
        assert "It was not sent to you." in body
        assert audience.describe(alert.audience) in unescape(body)
        assert "mia@" not in body

    def test_is_linked_from_the_alert(self, browse, alert, mia):
        body = browse(mia).get(reverse("alerts:detail", args=[alert.reference])).content.decode()
        assert reverse("alerts:why_not", args=[alert.reference]) in body
