"""The page “How you are reached”."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from delivery.models import Number, Preference, Quiet
from tests.delivery.wishing import set_aside, wants

HERE = "/messages/"
FILLED = {
    "alert_email": "digest",
    "training_email": "off",
    "alert_text": "at_once",
    "training_text": "off",
    "quiet_begins": "10pm",
    "quiet_ends": "7am",
}


@pytest.fixture(autouse=True)
def texts_are_sent(settings):
    settings.NOTIFY_KEY = settings.NOTIFY_TEMPLATE = "on"


def text(answer) -> str:
    return " ".join(answer.content.decode().split())


class TestPreferences:
    def test_without_choices_shows_what_happens_then(self, browse, ben):
        form = browse(ben).get(HERE).context["form"]
        assert form.initial == {
            "alert_email": "at_once",
            "training_email": "at_once",
            "alert_text": "in_need",
            "training_text": "off",
        }

    def test_keeps_what_is_chosen_and_shows_it_again(self, browse, mia):
        answer = browse(mia).post(HERE, FILLED, follow=True)
        assert "Your choices are saved." in text(answer)
        assert answer.context["form"].initial == {
            **FILLED,
            "quiet_begins": dt.time(22),
            "quiet_ends": dt.time(7),
        }
        kept = set(Preference.objects.values_list("person", "kind", "channel", "choice"))
        assert kept == {
            (mia.pk, "alert", "email", "digest"),
            (mia.pk, "training", "email", "off"),
            (mia.pk, "alert", "text", "at_once"),
            (mia.pk, "training", "text", "off"),
        }

    def test_a_text_message_only_in_need_is_no_choice_of_its_own(self, browse, mia):
        wants(mia, "off", channel="text")
        browse(mia).post(HERE, {**FILLED, "alert_text": "in_need"})
        assert not Preference.objects.filter(kind="alert", channel="text").exists()

    def test_without_hours_there_are_none(self, browse, mia):
        Quiet.objects.create(person=mia, begins=dt.time(22), ends=dt.time(7))
        browse(mia).post(HERE, {**FILLED, "quiet_begins": "", "quiet_ends": ""})
        assert not Quiet.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"quiet_ends": ""}, "Enter when the quiet hours end"),
            ({"quiet_begins": ""}, "Enter when the quiet hours begin"),
            ({"quiet_ends": "22:00"}, "Quiet hours must end at another time than they begin"),
            ({"quiet_begins": "late"}, "Enter when the quiet hours begin, like 10pm"),
            ({"quiet_ends": "half past"}, "Enter when the quiet hours end, like 7am"),
            ({"alert_email": "sometimes"}, "alert_email"),
            ({"alert_text": "digest"}, "alert_text"),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(self, wrong, said, browse, mia):
        answer = browse(mia).post(HERE, {**FILLED, **wrong})
        assert answer.status_code == 200
        assert said in text(answer)
        assert 'value="10pm"' in text(answer) or "quiet_begins" in wrong
        assert not Preference.objects.exists()

    @pytest.mark.parametrize("who", ["mia", "ben", "cora"])
    def test_everybody_is_told_that_immediate_alerts_cannot_be_turned_off(self, who, browse, request):
        page = text(browse(request.getfixturevalue(who)).get(HERE))
        assert "Immediate alerts always come by email at once: nobody can turn them off." in page

    def test_shows_nothing_of_anybody_else(self, browse, mia, ben):
        wants(mia, "off")
        Number.objects.create(person=mia, number="+447700900123")
        set_aside(mia)
        page = text(browse(ben).get(HERE))
        assert "mia@" not in page
        assert "123" not in page
        assert "came back" not in page

    def test_shows_ones_own_addresses_that_are_set_aside(self, browse, mia):
        set_aside(mia)
        Number.objects.create(person=mia, number="+447700900123")
        page = text(browse(mia).get(HERE))
        assert "Number ending in 123" in page
        assert "came back" in page
        assert "+447700900123" not in page

    def test_an_address_that_somebody_has_no_more_is_not_mentioned(self, browse, mia):
        set_aside(mia, address="mia@old.example")
        assert "came back" not in text(browse(mia).get(HERE))

    def test_asks_nothing_about_text_messages_where_none_are_sent(self, browse, mia, settings):
        settings.NOTIFY_KEY = ""
        wants(mia, "at_once", channel="text")
        assert "by text message" not in text(browse(mia).get(HERE))
        browse(mia).post(HERE, FILLED)
        kept = set(Preference.objects.values_list("kind", "channel", "choice"))
        assert kept == {("alert", "email", "digest"), ("training", "email", "off"), ("alert", "text", "at_once")}

    def test_says_that_a_number_is_missing(self, browse, mia):
        said = "You have confirmed no number yet, so none is sent to you."
        assert said in text(browse(mia).get(HERE))
        Number.objects.create(person=mia, number="+447700900123")
        assert said not in text(browse(mia).get(HERE))

    def test_opening_it_changes_nothing(self, browse, mia):
        browse(mia).get(HERE)
        assert not Preference.objects.exists()

    def test_leads_to_where_the_address_and_the_number_are_changed(self, browse, mia):
        page = text(browse(mia).get(HERE))
        for route in ("account_address", "delivery:number"):
            assert f'href="{reverse(route)}"' in page

    def test_says_where_one_names_who_stands_in(self, browse, ben, omar):
        assert "Cover while away" in text(browse(ben).get(HERE))
        assert "Cover while away" not in text(browse(omar).get(HERE))

    def test_is_linked_from_your_sign_in(self, browse, mia):
        assert f'href="{HERE}"' in text(browse(mia).get(reverse("account_overview")))

    def test_takes_as_many_queries_with_choices_as_without(self, browse, mia, ben):
        browse(mia).post(HERE, FILLED)
        counts = []
        for person in (mia, ben):
            visitor = browse(person)
            visitor.get(HERE)
            with CaptureQueriesContext(connection) as asked:
                visitor.get(HERE)
            counts.append(len(asked))
        assert counts[0] == counts[1]
