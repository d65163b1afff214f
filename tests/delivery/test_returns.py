from __future__ import annotations

import datetime as dt
import logging

import pytest
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from delivery import bounces, returns
from delivery.addresses import amiss
from delivery.models import Delivery, Mailing, Number, Report, SetAside
from delivery.returns import Verdict
from network import standing
from tests import factories
from tests.delivery.factories import released
from tests.delivery.reports import bounce, token_of
from tests.delivery.test_carrier import go

pytestmark = pytest.mark.django_db
NUMBER = "+447700900123"


@pytest.fixture
def deputy(haven):
    return factories.person("Dot Amari", "deputy", haven)


@pytest.fixture
def sent(durham, mia) -> Delivery:
    """An alert that went to Mia by email."""
    return send(durham)


def send(network, **fields) -> Delivery:
    mailing = released(network, **fields)
    row = Delivery.objects.get(mailing=mailing, recipient__person__name="Mia Hughes", channel="email")
    Delivery.objects.filter(mailing=mailing).update(state="sent", sent_at=Now(), finished_at=Now())
    row.refresh_from_db()
    return row


def told() -> list[tuple[str, str, str]]:
    """What the post itself wrote to whom."""
    rows = Delivery.objects.filter(mailing__kind="notice", channel="email").select_related("mailing")
    return [(row.recipient.person.name, row.mailing.subject, row.mailing.text) for row in rows.order_by("pk")]


class TestHard:
    def test_the_delivery_came_back_the_address_is_set_aside_and_the_backup_is_told(self, sent, mia, deputy, otto):
        assert returns.take_in(bounce(token_of(sent))) is Verdict.ACTED
        sent.refresh_from_db()
        assert (sent.state, sent.detail[:5]) == ("bounced", "5.1.1")
        row = SetAside.objects.get()
        assert (row.person, row.channel, row.address, row.flagged_only) == (mia, "email", mia.email, False)
        ((name, subject, text),) = told()
        assert name == "Dot Amari"
        assert subject == "Messages do not reach a colleague of yours"
        for secret in ("mia", "hughes", "lantern.example", "haven"):
            assert secret not in f"{subject} {text}".lower()
        assert Mailing.objects.get(kind="notice").path == "/messages/addresses/"

    def test_the_next_way_is_owed_in_the_same_breath(self, sent, mia, settings):
        settings.NOTIFY_KEY = settings.NOTIFY_TEMPLATE = "on"
        Number.objects.create(person=mia, number=NUMBER)
        returns.take_in(bounce(token_of(sent)))
        other = Delivery.objects.get(channel="text")
        assert (other.recipient, other.state) == (sent.recipient, "queued")

    def test_keeps_no_character_that_does_more_than_be_read(self, sent):
        """A NUL would be refused by PostgreSQL, and the mailbox would stop at this message for ever."""
        words = "550 5.1.1 gone\x00 \x1b[2J\u202eaway otto@harbour.example"
        assert returns.take_in(bounce(token_of(sent), words=words)) is Verdict.ACTED
        for kept in (
            Report.objects.get().detail,
            SetAside.objects.get().detail,
            Delivery.objects.get(pk=sent.pk).detail,
        ):
            assert kept.isprintable()
            assert "otto" not in kept

    def test_one_deliverys_name_says_nothing_about_another(self, durham, sent, otto):
        other = send(durham)
        mixed = token_of(sent).rpartition("-")[0] + "-" + token_of(other).rpartition("-")[2]
        assert returns.take_in(bounce(mixed)) is Verdict.IGNORED
        renumbered = f"b-{other.pk:x}-" + token_of(sent).split("-", 2)[2]
        assert returns.take_in(bounce(renumbered)) is Verdict.IGNORED
        assert set(Delivery.objects.values_list("state", flat=True)) <= {"sent", "queued"}

    def test_counts_once_however_often_it_comes(self, sent, deputy):
        raw = bounce(token_of(sent))
        assert [returns.take_in(raw) for _ in range(3)] == [Verdict.ACTED, Verdict.REPEATED, Verdict.REPEATED]
        assert returns.take_in(bounce(token_of(sent), key="another")) is Verdict.ACTED
        assert Report.objects.count() == 2
        assert SetAside.objects.count() == 1
        assert len(told()) == 1

    def test_a_new_address_is_not_set_aside_for_the_old_one(self, sent, mia, deputy):
        token = token_of(sent)
        type(mia).objects.filter(pk=mia.pk).update(email="mia@new.example")
        returns.take_in(bounce(token))
        sent.refresh_from_db()
        assert sent.state == "bounced"
        assert not SetAside.objects.exists()
        assert not told()

    def test_a_refused_message_flags_the_address_and_no_more(self, sent, deputy):
        returns.take_in(bounce(token_of(sent), status="5.7.1", words="550 5.7.1 Message rejected as spam"))
        sent.refresh_from_db()
        assert sent.state == "bounced"
        assert SetAside.objects.get().flagged_only
        assert "go on trying" in told()[0][2]

    def test_what_was_flagged_is_set_aside_when_it_turns_out_to_be_dead(self, durham, sent, deputy):
        returns.take_in(bounce(token_of(sent), status="5.7.1"))
        returns.take_in(bounce(token_of(send(durham)), key="two"))
        assert not SetAside.objects.get().flagged_only
        assert len(told()) == 2

    def test_an_address_written_in_unicode_is_the_one_that_was_written_to(self, durham, mia):
        type(mia).objects.filter(pk=mia.pk).update(email="mia@höfen.example")
        row = send(durham)
        assert returns.take_in(bounce(token_of(row, "mia@xn--hfen-5qa.example"))) is Verdict.ACTED
        assert SetAside.objects.get().address == "mia@höfen.example"

    def test_nobody_else_leads_and_so_nobody_is_told(self, sent):
        assert returns.take_in(bounce(token_of(sent))) is Verdict.ACTED
        assert SetAside.objects.exists()
        assert not told()


class TestSoft:
    def soft(self, row, key):
        return returns.take_in(bounce(token_of(row), action="delayed", status="4.4.1", key=key))

    def test_three_times_in_seven_days_flags_the_address_once(self, durham, mia, deputy):
        rows = [send(durham) for _ in range(4)]
        for place, row in enumerate(rows):
            assert self.soft(row, str(place)) is Verdict.ACTED
            assert SetAside.objects.filter(flagged_only=True).count() == (place >= 2)
        assert len(told()) == 1
        assert {row.state for row in Delivery.objects.filter(pk__in=[row.pk for row in rows])} == {"sent"}

    def test_what_is_eight_days_old_does_not_count(self, sent, deputy):
        self.soft(sent, "1")
        self.soft(sent, "2")
        Report.objects.update(at=F("at") - dt.timedelta(days=8))
        self.soft(sent, "3")
        assert not SetAside.objects.exists()

    def test_the_same_report_three_times_is_one(self, sent):
        for _ in range(3):
            self.soft(sent, "same")
        assert not SetAside.objects.exists()

    def test_counts_anew_after_the_address_was_tried_again(self, sent, deputy):
        for key in "123":
            self.soft(sent, key)
        SetAside.objects.update(until_at=Now())
        self.soft(sent, "4")
        self.soft(sent, "5")
        assert not SetAside.objects.filter(until_at=None).exists()
        self.soft(sent, "6")
        assert SetAside.objects.filter(until_at=None).exists()

    def test_a_message_given_up_for_now_has_come_back_and_its_address_stays(self, sent):
        returns.take_in(bounce(token_of(sent), action="failed", status="4.4.7"))
        sent.refresh_from_db()
        assert sent.state == "bounced"
        assert not SetAside.objects.exists()


class TestIgnored:
    @pytest.fixture
    def heard(self, caplog):
        """Every word that was logged must be fit to be read by anybody."""
        with caplog.at_level(logging.DEBUG):
            yield caplog
        records = [record for record in caplog.get_records("call") if record.name.startswith("delivery")]
        said = " ".join(str(vars(record)) for record in records)
        assert records
        for secret in ("mia@", "hughes", "marina"):
            assert secret not in said.lower()

    def test_a_forged_one(self, sent, heard):
        token = token_of(sent)
        forged = f"{token[:-1]}{'0' if token[-1] != '0' else '1'}"
        assert returns.take_in(bounce(forged)) is Verdict.IGNORED
        sent.refresh_from_db()
        assert sent.state == "sent"

    @pytest.mark.parametrize("state", ["queued", "suppressed", "withdrawn", "expired", "failed"])
    def test_an_early_one_about_what_was_not_sent(self, sent, heard, state):
        Delivery.objects.filter(pk=sent.pk).update(state=state)
        assert returns.take_in(bounce(token_of(sent))) is Verdict.IGNORED
        sent.refresh_from_db()
        assert sent.state == state
        assert not Report.objects.exists()
        assert not SetAside.objects.exists()

    def test_one_that_overtakes_our_own_note_is_to_come_again(self, sent, heard):
        Delivery.objects.filter(pk=sent.pk).update(state="sending")
        assert returns.take_in(bounce(token_of(sent))) is Verdict.EARLY
        Delivery.objects.filter(pk=sent.pk).update(state="sent")
        assert returns.take_in(bounce(token_of(sent))) is Verdict.ACTED

    def test_one_about_a_delivery_that_is_not_there(self, sent, heard):
        token = token_of(Delivery(pk=2**40), "mia@lantern.example")
        assert returns.take_in(bounce(token)) is Verdict.IGNORED

    def test_what_cannot_be_read(self, heard, monkeypatch):
        def broken(raw):
            raise RecursionError("mia@lantern.example")

        monkeypatch.setattr(bounces, "read", broken)
        assert returns.take_in(b"anything") is Verdict.IGNORED


class TestUnsure:
    def test_a_report_about_what_may_have_been_sent_settles_it(self, sent):
        Delivery.objects.filter(pk=sent.pk).update(state="unsure", sent_at=None)
        returns.take_in(bounce(token_of(sent), action="delivered", status="2.0.0"))
        sent.refresh_from_db()
        assert (sent.state, bool(sent.sent_at)) == ("delivered", True)


class TestReceipts:
    @pytest.fixture
    def texted(self, durham, mia, deputy, settings):
        settings.NOTIFY_KEY = settings.NOTIFY_TEMPLATE = "on"
        Number.objects.create(person=mia, number=NUMBER)
        recipient = send(durham).recipient
        return Delivery.objects.create(
            recipient=recipient, mailing=recipient.mailing, channel="text", state="sent", urgency="immediate",
            sent_at=timezone.now(),
        )  # fmt: skip

    @staticmethod
    def receipt(row, status, **more):
        return {"id": "5c0e", "reference": token_of(row, NUMBER), "to": NUMBER, "status": status, **more}

    def test_delivered_is_written_down(self, texted):
        assert returns.take_in_receipt(self.receipt(texted, "delivered")) is Verdict.ACTED
        texted.refresh_from_db()
        assert texted.state == "delivered"
        assert returns.take_in_receipt(self.receipt(texted, "delivered")) is Verdict.REPEATED

    @pytest.mark.parametrize("odd", ["\ud800", "\x00", [[]], None, "9" * 5000])
    def test_whatever_it_calls_itself_it_is_acted_on_once(self, texted, odd):
        assert returns.take_in_receipt(self.receipt(texted, "delivered", id=odd)) is Verdict.ACTED
        assert returns.take_in_receipt(self.receipt(texted, "delivered", id=odd)) is Verdict.REPEATED

    def test_a_permanent_failure_sets_the_number_aside(self, texted, mia):
        returns.take_in_receipt(self.receipt(texted, "permanent-failure"))
        texted.refresh_from_db()
        assert (texted.state, texted.detail) == ("bounced", "permanent failure")
        row = SetAside.objects.get()
        assert (row.channel, row.address, row.flagged_only) == ("text", NUMBER, False)
        ((name, _, text),) = told()
        assert name == "Dot Amari"
        assert "0900" not in text

    @pytest.mark.parametrize("status", ["temporary-failure", "technical-failure"])
    def test_a_failure_for_now_is_counted(self, texted, status):
        for number in "123":
            returns.take_in_receipt(self.receipt(texted, status, id=number))
        assert SetAside.objects.get().flagged_only
        texted.refresh_from_db()
        assert texted.state == "sent"

    def test_another_number_is_another_matter(self, texted, mia):
        Number.objects.update(number="+447700900999")
        returns.take_in_receipt(self.receipt(texted, "permanent-failure"))
        assert not SetAside.objects.exists()

    @pytest.mark.parametrize(
        "changed",
        [
            {"reference": None},
            {"reference": "b-1-0-0"},
            {"status": "sending"},
            {"status": None},
            {"status": []},
            {"reference": "\ud800"},
        ],
    )
    def test_what_is_not_known_changes_nothing(self, texted, changed):
        assert returns.take_in_receipt(self.receipt(texted, "delivered") | changed) is Verdict.IGNORED
        texted.refresh_from_db()
        assert texted.state == "sent"


class TestAmiss:
    def test_ends_by_itself_when_the_person_has_another_address(self, sent, mia, deputy):
        returns.take_in(bounce(token_of(sent)))
        assert [row.person for row in amiss(standing.of(deputy))] == [mia]
        assert [row.person for row in amiss(standing.of(mia))] == [mia]
        type(mia).objects.filter(pk=mia.pk).update(email="mia@new.example")
        assert not amiss(standing.of(deputy))

    def test_is_nobody_elses_to_know(self, sent, mia, otto, nell, ben, cora):
        returns.take_in(bounce(token_of(sent)))
        for person in (otto, nell, ben):
            assert not amiss(standing.of(person)), person
        assert [row.person for row in amiss(standing.of(cora))] == [mia]  # who coordinates looks after leads


class TestThroughTheMail:
    def test_a_bounce_to_the_envelope_sender_finds_its_delivery(self, durham, mia, mail_server, settings):
        settings.BOUNCE_DOMAIN = "bounces.lantern.example"
        released(durham)
        go()
        row = Delivery.objects.get()
        (sender,) = mail_server.senders
        assert sender == f"{token_of(row)}@bounces.lantern.example"
        assert mail_server.accepted[0][1]["From"] == "Lantern <alerts@lantern.example>"
        assert returns.take_in(bounce(sender.partition("@")[0])) is Verdict.ACTED
        row.refresh_from_db()
        assert row.state == "bounced"
