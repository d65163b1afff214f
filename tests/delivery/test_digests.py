from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery import digests, post, summaries
from delivery.channels import Item
from delivery.models import Delivery, Mailing, Recipient
from network.models import Signature
from tests import factories
from tests.delivery.factories import audience, leads, released
from tests.delivery.test_carrier import go
from tests.delivery.wishing import HOUR, wants
from tests.factories import appoint, lapse

TODAY = dt.date(2026, 11, 22)


@pytest.fixture
def mias(mia):
    wants(mia, "digest")
    return mia


@pytest.fixture
def alert(durham, mias):
    """An alert that waits for the summary."""
    return lambda **fields: released(durham, **{"urgency": "priority", **fields})


def bodies(message) -> list[str]:
    return [part.get_payload(decode=True).decode() for part in message.walk() if not part.is_multipart()]


def summary_to(mail_server, address: str):
    """The summary sent to this address; none if there was none."""
    found = [message for to, message in mail_server.accepted if to == address and "Daily summary" in message["Subject"]]
    return found[-1] if found else None


def acknowledge(mailing: Mailing, person) -> None:
    Recipient.objects.acknowledge(Recipient.objects.get(mailing=mailing, person=person))


class TestOpenRows:
    def open_for(self, person) -> list[str]:
        return list(digests.open_rows().filter(person=person).values_list("mailing__subject", flat=True))

    def test_has_what_was_not_acknowledged(self, alert, mias):
        alert(subject="First")
        acknowledge(alert(subject="Second"), mias)
        assert self.open_for(mias) == ["First"]

    def test_leaves_out_what_was_withdrawn_and_what_expired(self, alert, mias):
        post.withdraw(alert())
        alert(expires_at=timezone.now() - HOUR)
        assert self.open_for(mias) == []

    def test_is_for_those_who_chose_a_summary_of_that_kind(self, alert, mias, otto):
        alert(kind="training", subject="Course")
        alert(subject="Van")
        wants(otto, "at_once")
        assert self.open_for(mias) == ["Van"]
        assert self.open_for(otto) == []

    def test_has_immediate_alerts_that_nobody_answered(self, alert, mias):
        alert(urgency="immediate", subject="Now")
        assert self.open_for(mias) == ["Now"]

    def test_leaves_out_what_a_leaver_was_sent(self, alert, mias):
        alert()
        mias.appointments.update(until_at=Now())
        assert self.open_for(mias) == []

    def test_leaves_out_what_the_agency_has_not_signed_for(self, alert, mias, haven):
        alert(marking="OFFICIAL-SENSITIVE", withheld=True)
        lapse(haven)
        assert self.open_for(mias) == []

    def test_has_training_once_and_alerts_until_they_are_answered(self, durham, alert, mias, mail_server):
        wants(mias, "digest", kind="training")
        alert(kind="training", subject="Course")
        alert(subject="Van")
        assert sorted(self.open_for(mias)) == ["Course", "Van"]
        summaries.make(durham, TODAY)
        assert sorted(self.open_for(mias)) == ["Course", "Van"]
        go()
        assert self.open_for(mias) == ["Van"]
        alert(kind="training", subject="Another")
        assert sorted(self.open_for(mias)) == ["Another", "Van"]


class TestFill:
    def test_lists_what_is_open_when_it_is_sent(self, durham, alert, mias, mail_server):
        acknowledged = alert(subject="Acknowledged meanwhile")
        alert(subject="Still open")
        summaries.make(durham, TODAY)
        alert(subject="Released meanwhile")
        acknowledge(acknowledged, mias)
        go()
        plain, html = bodies(summary_to(mail_server, mias.email))
        for text in (plain, html):
            assert "Acknowledged meanwhile" not in text
            assert text.index("Released meanwhile") < text.index("Still open")
            assert "/alerts/DUR-2026-0042/" in text
            assert re.search(r"Still open \(DUR-2026-0042, sent on \d+ [A-Z]", text)

    def test_nothing_is_sent_when_nothing_is_open_any_more(self, durham, alert, mias, mail_server):
        sent = alert()
        made = summaries.make(durham, TODAY)
        acknowledge(sent, mias)
        go()
        assert mail_server.accepted == []
        row = Delivery.objects.get(mailing=made)
        assert (row.state, row.detail) == ("suppressed", digests.NOTHING_OPEN)

    def test_each_has_their_own_list(self, durham, haven, harbour, alert, mias, otto, mail_server):
        wants(otto, "digest")
        alert(subject="For both")
        released(durham, audience(durham, agencies=[haven]), urgency="priority", subject="For Haven")
        summaries.make(durham, TODAY)
        go()
        assert "For Haven" in bodies(summary_to(mail_server, mias.email))[0]
        assert "For Haven" not in bodies(summary_to(mail_server, otto.email))[0]
        assert "For both" in bodies(summary_to(mail_server, otto.email))[0]

    def test_another_networks_things_stand_in_its_own_summary(
        self, durham, riverside, riverbank, alert, mias, mail_server
    ):
        appoint(mias, "lead", riverbank)
        alert(subject="Here")
        released(riverside, urgency="priority", subject="There")
        summaries.make(durham, TODAY)
        go()
        plain, _ = bodies(summary_to(mail_server, mias.email))
        assert "Here" in plain
        assert "There" not in plain

    def test_what_stays_inside_is_listed_by_marking_and_reference_only(self, durham, alert, mias, mail_server):
        alert(marking="OFFICIAL-SENSITIVE", withheld=True, subject="canary", text="canary", reference="DUR-2026-0077")
        summaries.make(durham, TODAY)
        go()
        message = summary_to(mail_server, mias.email)
        assert "canary" not in message.as_string()
        for text in bodies(message):
            assert "OFFICIAL-SENSITIVE: DUR-2026-0077" in text
            assert "canary" not in text

    def test_a_long_list_ends_with_how_many_more_there_are(self, durham, alert, mias, mail_server, monkeypatch):
        monkeypatch.setattr(digests, "MOST", 2)
        for number in range(5):
            alert(subject=f"Alert number {number}")
        summaries.make(durham, TODAY)
        go()
        plain, _ = bodies(summary_to(mail_server, mias.email))
        assert "Alert number 3" in plain
        assert "Alert number 2" not in plain
        assert "And 3 more" in plain

    @pytest.mark.parametrize("why", ["appointment", "membership", "suspension", "network", "withdrawn"])
    def test_what_may_not_be_seen_any_more_when_it_is_sent_is_not_listed(
        self, why, durham, haven, riverside, riverbank, alert, mias, mail_server
    ):
        """Mia leads two agencies of the network; what she was sent for one of them ends after the summary was made."""
        other = factories.AgencyFactory(name="Second House", network=durham)
        appoint(mias, "lead", other)
        kept = alert(subject="Kept", reference="DUR-2026-0001")
        gone = alert(subject="canary", reference="DUR-2026-0002")
        Recipient.objects.filter(mailing=kept).update(agency=other)
        made = summaries.make(durham, TODAY)
        Recipient.objects.filter(mailing=made).update(agency=other)
        if why == "appointment":
            mias.appointments.filter(agency=haven).update(until_at=Now())
        if why == "membership":
            haven.memberships.update(until_at=Now())
        if why == "suspension":
            haven.memberships.update(suspended_at=Now())
        if why == "withdrawn":
            post.withdraw(gone)
        if why == "network":
            type(durham).objects.filter(pk=durham.pk).update(ended_at=Now())
        go()
        message = summary_to(mail_server, mias.email)
        if why == "network":
            assert message is None
            return
        for text in bodies(message):
            assert "Kept" in text
            assert "canary" not in text
            assert "0002" not in text

    def test_what_is_strict_is_not_even_named_after_the_signature_lapsed(self, durham, haven, alert, mias, mail_server):
        alert(subject="Open")
        alert(marking="OFFICIAL-SENSITIVE", withheld=True, reference="DUR-2026-0077")
        summaries.make(durham, TODAY)
        lapse(haven)
        go()
        text = summary_to(mail_server, mias.email).as_string() + bodies(summary_to(mail_server, mias.email))[0]
        assert "Open" in text
        assert "DUR-2026-0077" not in text

    def test_a_signature_in_another_network_opens_nothing_here(
        self, durham, riverside, haven, alert, mias, mail_server
    ):
        factories.join(haven, riverside)
        alert(marking="OFFICIAL-SENSITIVE", withheld=True, reference="DUR-2026-0077")
        Signature.objects.filter(agency=haven, agreement__network=durham).delete()
        assert Signature.objects.filter(agency=haven, agreement__network=riverside).exists()
        assert summaries.make(durham, TODAY) is None

    def test_takes_one_query_for_any_number_of_people(self, durham):
        for person in leads(durham, 12):
            wants(person, "digest")
        released(durham, urgency="priority")
        made = summaries.make(durham, TODAY)
        rows = Delivery.objects.filter(mailing=made).values_list("pk", "mailing", "recipient__person")
        items = [Item(*row, "a@b.example", "A", "lead of B") for row in rows]
        with CaptureQueriesContext(connection) as asked:
            filled = digests.fill(items, {made.pk: durham.pk})
        assert len(asked) == 1
        assert [len(item.listed) for item in filled] == [1] * 12
