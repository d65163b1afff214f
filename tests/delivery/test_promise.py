from __future__ import annotations

import datetime as dt

import pytest
from django.db.models.functions import Now
from django.urls import reverse

from delivery import promise
from delivery.models import Delivery, Mailing, Quiet, Recipient
from tests.delivery.factories import leads, released

pytestmark = pytest.mark.django_db


def took(*seconds: float, **fields) -> list[Delivery]:
    """A mailing whose messages took so long each; None is one that still waits."""
    rows = list(Delivery.objects.filter(**fields).order_by("pk"))
    for row, each in zip(rows, seconds, strict=True):
        taken = row.mailing.released_at + dt.timedelta(seconds=each)
        Delivery.objects.filter(pk=row.pk).update(state="sent", sent_at=taken)
    return rows


class TestMeasured:
    def test_counts_and_ranks(self, durham):
        leads(durham, 100)
        released(durham)
        took(*(n / 10 for n in range(1, 100)), 60)
        week, month = promise.measured(durham.pk)
        assert (week.urgency, week.days, week.messages, week.in_time, week.share) == ("Immediate", 7, 100, 99, 99.0)
        assert week.is_kept
        assert [each.total_seconds() for each in (week.half, week.most, week.nearly_all)] == [5.0, 9.5, 9.9]
        assert month.days == 30

    @pytest.mark.parametrize(("seconds", "ranks"), [((3,), (3, 3, 3)), ((1, 2), (1, 2, 2)), ((1, 2, 30), (2, 30, 30))])
    def test_ranks_a_few(self, durham, seconds, ranks):
        leads(durham, len(seconds))
        released(durham)
        took(*seconds)
        week = promise.measured(durham.pk)[0]
        assert tuple(each.total_seconds() for each in (week.half, week.most, week.nearly_all)) == ranks

    def test_counts_from_when_somebody_was_given_it(self, durham):
        leads(durham, 2)
        released(durham)
        rows = took(3, 903)
        added = Recipient.objects.filter(pk=rows[1].recipient_id)
        added.update(added_at=rows[1].mailing.released_at + dt.timedelta(minutes=15))
        week = promise.measured(durham.pk)[0]
        assert (week.in_time, week.nearly_all) == (2, dt.timedelta(seconds=3))

    def test_does_not_forget_what_waits_or_failed(self, durham):
        leads(durham, 4)
        released(durham)
        rows = took(1, 1, 1, 1)
        Delivery.objects.filter(pk=rows[0].pk).update(state="failed", sent_at=None)
        Delivery.objects.filter(pk=rows[1].pk).update(state="queued", sent_at=None)
        week = promise.measured(durham.pk)[0]
        assert (week.messages, week.in_time, week.waiting, week.failed, week.share) == (4, 2, 1, 1, 50.0)
        assert not week.is_kept

    def test_leaves_out_what_was_not_sent_on_purpose(self, durham):
        leads(durham, 2)
        released(durham)
        Delivery.objects.update(state="suppressed")
        assert promise.measured(durham.pk) == []

    def test_never_rounds_up(self, durham):
        found = promise.Measured("Immediate", 7, 10_000, 9_899, 0, 0, None, None, None)
        assert found.share == 98.9

    def test_is_of_one_network(self, durham, riverside):
        leads(riverside, 2)
        released(riverside)
        took(1, 1)
        assert promise.measured(durham.pk) == []

    def test_is_of_alerts_and_training_that_cannot_wait_by_email(self, durham):
        leads(durham, 1)
        released(durham, urgency="routine")
        released(durham, kind="notice")
        Delivery.objects.update(state="sent", sent_at=Now())
        assert promise.measured(durham.pk) == []

    def test_ends_after_thirty_days(self, durham):
        leads(durham, 1)
        released(durham)
        took(1)
        Mailing.objects.update(released_at=Now() - dt.timedelta(days=8))
        assert [row.days for row in promise.measured(durham.pk)] == [30]
        Mailing.objects.update(released_at=Now() - dt.timedelta(days=31))
        assert promise.measured(durham.pk) == []

    def test_leaves_out_those_who_asked_for_quiet_where_it_may_wait(self, durham):
        quiet, _ = leads(durham, 2)
        Quiet.objects.create(person=quiet, begins=dt.time(22), ends=dt.time(7))
        for urgency in ("immediate", "priority"):
            released(durham, urgency=urgency)
        Delivery.objects.update(state="sent", sent_at=Now())
        assert [(row.urgency, row.days, row.messages) for row in promise.measured(durham.pk)] == [
            ("Immediate", 7, 2),
            ("Immediate", 30, 2),
            ("Priority", 7, 1),
            ("Priority", 30, 1),
        ]


class TestThePage:
    def test_says_what_is_promised_and_that_nothing_was_sent(self, browse, cora):
        shown = browse(cora).get(reverse("delivery:promise")).content.decode()
        assert "99 of 100 are with the next mail server within 10 seconds" in shown
        assert "Nothing was sent in this time" in shown

    def test_shows_the_measure(self, browse, cora, durham):
        leads(durham, 2)
        released(durham)
        took(0.4, 3)
        shown = browse(cora).get(reverse("delivery:promise")).content.decode()
        assert "Immediate, last 7 days" in shown
        assert "100%" in shown
        assert "0.4 seconds" in shown

    def test_says_in_words_where_the_promise_was_not_kept(self, browse, cora, durham):
        leads(durham, 2)
        released(durham)
        took(0.4, 3)
        page = reverse("delivery:promise")
        assert "%: not kept" not in browse(cora).get(page).content.decode()
        Delivery.objects.filter(pk=Delivery.objects.values("pk")[:1]).update(state="failed", sent_at=None)
        assert "50%: not kept" in browse(cora).get(page).content.decode()

    def test_takes_the_same_statements_for_any_number(self, browse, cora, durham, django_assert_num_queries):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        client = browse(cora)
        leads(durham, 1)
        released(durham)
        took(1)
        client.get(reverse("delivery:promise"))
        with CaptureQueriesContext(connection) as few:
            client.get(reverse("delivery:promise"))
        leads(durham, 5)
        released(durham)
        Delivery.objects.update(state="sent", sent_at=Now())
        with django_assert_num_queries(len(few)):
            client.get(reverse("delivery:promise"))

    def test_of_another_network_is_absent(self, browse, cora, riverside):
        page = reverse("delivery:promise")
        client = browse(cora)
        there, nowhere = client.get(f"{page}?network=RIV"), client.get(f"{page}?network=XXX")
        assert there.status_code == nowhere.status_code == 404

    def test_lets_the_nation_choose(self, browse, nora, durham, riverside):
        shown = browse(nora).get(reverse("delivery:promise") + "?network=RIV").content.decode()
        assert str(riverside) in shown
        assert "?network=DUR" in shown
