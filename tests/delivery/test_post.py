from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from delivery import post
from delivery.models import Delivery, Mailing, Recipient
from tests.delivery.factories import audience, leads, mailing, released


class TestEnclose:
    def test_writes_a_recipient_with_the_reason_and_a_delivery_for_each_person(self, durham, mia, otto, nell, haven):
        sent = released(durham)
        row = Recipient.objects.get(person=mia)
        assert (row.mailing, row.agency, row.role, row.reason) == (sent, haven, "lead", "lead of Haven House")
        found = Delivery.objects.filter(mailing=sent).order_by("recipient__person__name")
        assert [(d.recipient.person.name, d.channel, d.state, d.urgency) for d in found] == [
            ("Mia Hughes", "email", "queued", "immediate"),
            ("Otto Lindqvist", "email", "queued", "immediate"),
        ]
        assert not found.filter(due_at__gt=Now()).exists()

    @pytest.mark.parametrize(("urgency", "hours"), [("immediate", 4), ("priority", 24), ("routine", 72)])
    def test_sets_the_deadline_by_urgency(self, durham, mia, urgency, hours):
        sent = released(durham, urgency=urgency)
        assert round((sent.deadline_at - sent.released_at).total_seconds()) == hours * 3600

    def test_lets_people_drop_out_after_approval_but_never_join(self, durham, mia, otto, cal, council_agency):
        approved = frozenset({mia.pk, cal.pk})
        sent = post.enclose(mailing=mailing(durham), audience=audience(durham), only=approved)
        assert [row.person for row in sent.recipients.all()] == [mia]

    def test_an_approval_of_nobody_reaches_nobody(self, durham, mia):
        sent = post.enclose(mailing=mailing(durham), audience=audience(durham), only=frozenset())
        assert not sent.recipients.exists()

    def test_refuses_a_header_of_two_lines(self, durham, mia):
        for bad in ("Two\r\nBcc: x@y.example", "tab\x0bbed", "line\u2028end", "nul\x00"):
            for name in ("subject", "marking", "reference"):
                with pytest.raises(ValidationError):
                    released(durham, **{name: bad[:20]})
        assert not Mailing.objects.exists()

    @pytest.mark.parametrize("marking", ["OFFICIAL-SENSITIVE", "OFFICIAL TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"])
    def test_refuses_a_strict_marking_that_is_not_withheld(self, durham, mia, marking):
        with pytest.raises(ValidationError, match="only in the platform"):
            released(durham, marking=marking)
        assert released(durham, marking=marking, withheld=True).stays_inside

    def test_refuses_an_audience_of_another_network(self, durham, riverside, nell):
        with pytest.raises(ValueError, match="its own network"):
            post.enclose(mailing=mailing(durham), audience=audience(riverside))

    def test_takes_as_many_queries_for_200_people_as_for_10(self, durham):
        leads(durham, 10)
        with CaptureQueriesContext(connection) as few:
            assert released(durham).recipients.count() == 10
        leads(durham, 190)
        with CaptureQueriesContext(connection) as many:
            assert released(durham).recipients.count() == 200
        assert len(few) == len(many)


class TestWithdraw:
    def test_stops_what_has_not_been_sent_and_leaves_the_rest(self, durham, mia, otto):
        sent = released(durham)
        mias = Delivery.objects.filter(recipient__person=mia)
        mias.update(state="sent")
        assert post.withdraw(sent).withdrawn_at
        assert {(row.recipient.person, row.state) for row in sent.deliveries.all()} == {
            (mia, "sent"),
            (otto, "withdrawn"),
        }

    def test_keeps_the_first_moment(self, durham, mia):
        sent = post.withdraw(released(durham))
        assert post.withdraw(sent).withdrawn_at == sent.withdrawn_at


class TestProgress:
    def test_counts_the_states_in_one_query(self, durham, django_assert_num_queries):
        leads(durham, 7)
        sent = released(durham)
        states = ["sent", "sent", "failed", "expired", "queued", "sending", "unsure"]
        for row, state in zip(sent.deliveries.order_by("pk"), states, strict=True):
            Delivery.objects.filter(pk=row.pk).update(state=state)
        with django_assert_num_queries(1):
            now = post.progress(sent)
        assert (now.total, now.sent, now.waiting, now.failed, now.not_sent) == (7, 2, 3, 1, 1)
        assert (now.finished, now.percent) == (False, 57)
        assert now.words == "2 of 7 emails sent, 1 could not be sent, 1 not sent on purpose"

    def test_nobody_to_reach_is_finished(self, durham):
        now = post.progress(released(durham))
        assert (now.finished, now.percent, now.total) == (True, 100, 0)


class TestAcknowledge:
    def test_is_true_once(self, durham, mia):
        row = released(durham).recipients.get(person=mia)
        assert Recipient.objects.acknowledge(row)
        assert not Recipient.objects.acknowledge(row)
        row.refresh_from_db()
        assert row.acknowledged_at


class TestSeenBy:
    @pytest.mark.parametrize(
        ("reader", "sees"),
        [("mia", True), ("ben", True), ("cora", True), ("asha", True), ("dara", True)]
        + [(name, False) for name in ("otto", "nell", "cal", "faye", "nora", "omar", "anonymous")],
    )
    def test_shows_a_row_to_its_person_their_lead_and_who_runs_the_network(self, request, durham, ben, reader, sees):
        sent = released(durham, audience(durham, roles=["member"]))
        found = sent.recipients.visible_to(request.getfixturevalue(reader)).filter(person=ben)
        assert found.exists() == sees
