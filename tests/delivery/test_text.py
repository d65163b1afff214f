"""Text messages, over a real line to a server that checks what it is asked."""

from __future__ import annotations

import io
import json
import time
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.utils import timezone

from delivery import envelopes, ledger
from delivery.channels import Outcome, Result, Unreachable, answers
from delivery.channels.text import Text, message_of, preview
from delivery.models import Delivery, Number, Preference, Recipient, SetAside
from network.models import Network
from tests.delivery import notify as fake
from tests.delivery.factories import released
from tests.delivery.notify import DRIP, DROP, KEEP_AND_DROP, STALL, error
from tests.delivery.test_carrier import go
from tests.delivery.test_letter import item, mailing
from tests.factories import NetworkFactory
from tests.servers import free_port

NUMBERS = [f"+44770090000{digit}" for digit in range(4)]
BATCH = [item(delivery=place, address=number) for place, number in enumerate(NUMBERS)]


def send(batch=BATCH) -> list[Outcome]:
    with Text() as line:
        outcomes = list(line.send(mailing(), batch))
    assert [outcome.delivery for outcome in outcomes] == [each.delivery for each in batch]
    return outcomes


def results(batch=BATCH) -> list[str]:
    return [outcome.result.name for outcome in send(batch)]


class TestMessage:
    def test_says_where_how_urgent_and_which_and_nothing_of_what_it_says(self):
        canary = "canary-2b7e"
        words = message_of(mailing(subject=canary, text=canary))
        assert words == (
            "Durham and Darlington Anti-Slavery Network: immediate alert DUR-2026-0042. Sign in to Lantern to read it."
        )

    def test_is_counted_before_it_is_sent(self):
        assert preview(mailing()).parts == (105, 1, "GSM")
        welsh = preview(mailing(network=Network(name="Rhwydwaith Gŵyr yn erbyn caethwasiaeth")))
        assert welsh.parts == (101, 2, "UCS-2")
        assert welsh.unusual == ["ŵ"]


class TestSend:
    def test_hands_over_each_with_a_pass_of_its_own_and_a_name_that_stays(self, notify):
        outcomes = send()
        assert [outcome.result for outcome in outcomes] == [Result.ACCEPTED] * 4
        assert [outcome.receipt for outcome in outcomes] == notify.ids
        assert notify.numbers == NUMBERS
        assert notify.accepted[1]["personalisation"] == {"message": message_of(mailing())}
        assert notify.accepted[1]["reference"] == envelopes.token(1, NUMBERS[1])
        assert notify.connections == 1

    def test_one_bad_number_touches_nobody_else(self, notify):
        notify.answers[NUMBERS[1]] = error(400, f"phone_number {NUMBERS[1]} is not a valid mobile number")
        outcomes = send()
        assert [outcome.result.name for outcome in outcomes] == ["ACCEPTED", "REFUSED", "ACCEPTED", "ACCEPTED"]
        assert outcomes[1].detail == f"400 phone_number {NUMBERS[1]} is not a valid mobile number"

    def test_a_person_without_a_number_any_more_is_refused_by_ourselves(self, notify):
        assert results([item(delivery=1, address=""), BATCH[0]]) == ["REFUSED", "ACCEPTED"]
        assert notify.numbers == NUMBERS[:1]

    @pytest.mark.parametrize(
        "answer",
        [
            error(403, "Error: Your system clock must be accurate to within 30 seconds", "AuthError"),
            error(400, "Template not found"),
            error(400, "Missing personalisation: message"),
            error(404, "Not found"),
            error(429, "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds", "RateLimitError"),
            error(429, "Exceeded send limits (sms: 40) for today", "TooManyRequestsError"),
            error(500, "Internal server error", "Exception"),
            (503, {}),
        ],
        ids=lambda answer: str(answer[0]),
    )
    def test_what_concerns_all_is_for_an_operator_to_mend_and_costs_nobody_the_message(self, notify, answer):
        notify.answers[NUMBERS[1]] = answer
        assert results() == ["ACCEPTED", "LATER", "UNTRIED", "UNTRIED"]
        assert notify.numbers == NUMBERS[:1]

    def test_a_wrong_key_is_refused_as_notify_refuses_it(self, notify, settings):
        settings.NOTIFY_KEY = fake.KEY[:-4] + "0000"
        outcomes = send()
        assert (outcomes[0].result, outcomes[1].result) == (Result.LATER, Result.UNTRIED)
        assert outcomes[0].detail.startswith("403 Invalid token")

    def test_a_clock_that_is_wrong_is_refused_as_notify_refuses_it(self, notify, monkeypatch):
        late = time.time() - 60
        monkeypatch.setattr("delivery.channels.text.time", SimpleNamespace(time=lambda: late))
        assert send()[0].detail.startswith("403 Error: Your system clock")

    def test_a_redirect_is_not_followed(self, notify):
        with fake.running() as elsewhere:
            notify.moved_to = f"{elsewhere.url}/v2/notifications/sms"
            assert results() == ["LATER", "UNTRIED", "UNTRIED", "UNTRIED"]
            assert not elsewhere.accepted

    @pytest.mark.parametrize("answer", [DROP, KEEP_AND_DROP])
    def test_no_answer_is_unsure_and_ends_the_line(self, notify, answer):
        notify.answers[NUMBERS[1]] = answer
        assert results() == ["ACCEPTED", "UNSURE", "UNTRIED", "UNTRIED"]

    def test_a_server_that_says_nothing_is_unsure(self, notify, monkeypatch):
        monkeypatch.setattr(answers, "SILENCE", 0.5)
        notify.answers[NUMBERS[0]] = STALL
        assert results() == ["UNSURE", "UNTRIED", "UNTRIED", "UNTRIED"]

    def test_a_byte_at_a_time_is_not_waited_for_for_ever(self, notify, monkeypatch):
        monkeypatch.setattr(answers, "WHOLE_ANSWER", 1.0)
        monkeypatch.setattr(answers, "SILENCE", 0.5)
        notify.answers[NUMBERS[0]] = DRIP
        began = time.monotonic()
        assert results() == ["UNSURE", "UNTRIED", "UNTRIED", "UNTRIED"]
        assert time.monotonic() - began < 3


class TestOpening:
    def test_a_server_that_is_not_there_is_unreachable(self, notify, settings):
        settings.NOTIFY_URL = f"http://127.0.0.1:{free_port()}"
        with pytest.raises(Unreachable):
            Text().__enter__()

    def test_without_settings_nothing_is_asked(self):
        with pytest.raises(Unreachable, match="not set up"):
            Text().__enter__()

    def test_a_server_that_goes_away_in_the_middle_costs_nobody_a_doubt(self, settings):
        with fake.running() as notify:
            settings.NOTIFY_KEY, settings.NOTIFY_TEMPLATE, settings.NOTIFY_URL = fake.KEY, fake.TEMPLATE, notify.url
            line = Text().__enter__()
            line._session.close()
            settings.NOTIFY_URL = f"http://127.0.0.1:{free_port()}"
            assert [outcome.result for outcome in line.send(mailing(), BATCH[:2])] == [Result.LATER, Result.UNTRIED]


@pytest.mark.django_db
class TestWhoGetsOne:
    @staticmethod
    def give(person, number=NUMBERS[0], **preference):
        Number.objects.create(person=person, number=number)
        if preference:
            Preference.objects.create(person=person, channel="text", **preference)

    @staticmethod
    def texted():
        return {row.recipient.person.name for row in Delivery.objects.filter(channel="text")}

    def test_those_who_asked_for_this_kind_at_once(self, notify, durham, mia, otto, ben):
        self.give(mia, kind="alert", choice="at_once")
        self.give(otto, NUMBERS[1], kind="training", choice="at_once")
        released(durham)
        assert self.texted() == {"Mia Hughes"}

    def test_nobody_while_text_messages_are_not_set_up(self, durham, mia):
        self.give(mia, kind="alert", choice="at_once")
        released(durham)
        assert self.texted() == set()
        assert not Recipient.objects.filter(Text.reaches()).exists()

    def test_a_number_with_no_wish_stands_in_when_email_fails(self, notify, durham, mia, mail_server):
        self.give(mia)
        mail_server.at_rcpt["mia@lantern.example"] = "550 No such mailbox"
        released(durham)
        go()
        go()  # the next bell: the text message is owed since the refusal
        assert notify.numbers == NUMBERS[:1]
        sent = Delivery.objects.get(channel="text")
        assert (sent.state, sent.receipt, sent.recipient.person) == ("sent", notify.ids[0], mia)
        assert sent.sent_at <= timezone.now()

    def test_a_number_that_was_set_aside_does_not(self, notify, durham, mia, mail_server):
        self.give(mia)
        SetAside.objects.create(person=mia, channel="text", address=NUMBERS[0])
        mail_server.at_rcpt["mia@lantern.example"] = "550 No such mailbox"
        released(durham)
        go()
        go()
        assert not notify.accepted

    def test_a_number_set_aside_before_does_not_stop_the_one_after(self, notify, durham, mia):
        self.give(mia, kind="alert", choice="at_once")
        SetAside.objects.create(person=mia, channel="text", address=NUMBERS[3])
        released(durham)
        assert self.texted() == {"Mia Hughes"}

    def test_a_number_removed_meanwhile_is_not_texted(self, notify, durham, mia, mail_server):
        self.give(mia, kind="alert", choice="at_once")
        released(durham)
        Number.objects.all().delete()
        go()
        assert not notify.accepted
        assert Delivery.objects.get(channel="text").detail == "The person has no number any more."

    def test_no_answer_is_asked_again_with_the_same_name_and_says_that_it_may_be_a_repeat(
        self, notify, durham, mia, mail_server
    ):
        self.give(mia, kind="alert", choice="at_once")
        notify.answers[NUMBERS[0]] = KEEP_AND_DROP
        released(durham)
        go()
        row = Delivery.objects.filter(channel="text")
        assert row.get().state == "unsure"
        notify.answers.clear()
        row.update(due_at=timezone.now() - ledger.AGAIN[-1])
        go()
        assert (row.get().state, row.get().possible_repeat) == ("sent", True)
        assert len({asked["reference"] for asked in notify.accepted}) == 1
        assert len(notify.accepted) == 2  # Notify does not compare references

    def test_email_goes_on_while_notify_is_gone(self, settings, notify, durham, mia, mail_server):
        self.give(mia, kind="alert", choice="at_once")
        settings.NOTIFY_URL = f"http://127.0.0.1:{free_port()}"
        released(durham)
        go()
        assert mail_server.addresses == ["mia@lantern.example"]
        assert Delivery.objects.get(channel="text").state == "queued"

    def test_nothing_of_the_message_or_the_person_goes_there(self, notify, durham, mia, mail_server):
        self.give(mia, kind="alert", choice="at_once")
        released(durham, subject="canary-51c9", text="canary-51c9 at the marina")
        go()
        said = json.dumps(notify.accepted)
        assert "canary" not in said
        assert "Mia" not in said
        assert "Haven" not in said


@pytest.mark.django_db
class TestPreviewTexts:
    def test_says_what_each_network_pays_for(self, durham):
        NetworkFactory(name="Rhwydwaith Gŵyr yn erbyn caethwasiaeth", prefix="GWY")
        out = io.StringIO()
        call_command("preview_texts", stdout=out)
        said = out.getvalue()
        assert "not set up" in said
        assert "DUR: Durham and Darlington Anti-Slavery Network: immediate alert DUR-2026-0042." in said
        assert "105 characters of GSM: sent as 1 message\n" in said
        assert "101 characters of UCS-2: sent as 2 messages\n     Dearer because of: ŵ\n" in said
