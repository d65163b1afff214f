from __future__ import annotations

import re

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from delivery import gate, post, why
from delivery.models import Delivery, Mailing, Number, NumberCode, Recipient
from delivery.running import AGAIN
from tests.delivery.factories import released
from tests.delivery.test_carrier import go
from tests.delivery.wishing import HOUR, rests, set_aside, wants
from tests.factories import lapse


@pytest.fixture
def texts(settings):
    settings.NOTIFY_KEY, settings.NOTIFY_TEMPLATE = "key", "template"


def told(mailing, person) -> dict[str, why.Way]:
    rows = Recipient.objects.select_related("mailing").prefetch_related("deliveries")
    return {way.name: way for way in why.ways(rows.get(mailing=mailing, person=person))}


def said(mailing, person, name: str = "Email") -> str:
    way = told(mailing, person)[name]
    return f"{way.outcome}: {way.words}"


def ended(mailing, state: str, detail: str = "", **fields) -> None:
    Delivery.objects.filter(mailing=mailing).update(state=state, detail=detail, finished_at=Now(), **fields)


class TestWays:
    def test_begins_with_the_platform(self, durham, mia):
        made = released(durham)
        first = told(made, mia)["In the platform"]
        assert (first.words, first.at) == ("You have had it here since its release.", made.released_at)
        Recipient.objects.update(acknowledged_at=Now())
        assert "You acknowledged it on" in said(made, mia, "In the platform")

    def test_tells_of_what_was_sent_and_when(self, durham, mia, mail_server):
        made = released(durham)
        assert "about to be sent" in said(made, mia)
        go()
        way = told(made, mia)["Email"]
        assert way.words.startswith("Your mail server took it.")
        assert way.at

    def test_tells_of_quiet_hours_and_when_they_end(self, durham, mia):
        rests(mia)
        made = released(durham, urgency="priority")
        assert "these are your quiet hours" in said(made, mia)

    def test_tells_of_what_was_turned_off_and_of_the_summary(self, durham, mia, otto):
        wants(mia, "off")
        wants(otto, "digest")
        made = released(durham, urgency="priority")
        assert said(made, mia) == "Not sent: You have turned this off."
        assert "one summary a day" in said(made, otto)

    def test_tells_while_everything_is_held(self, durham, mia):
        made = released(durham)
        gate.close("Wait")
        assert said(made, mia) == "Waiting: Nothing is sent to anybody at the moment. It goes out when that has ended."

    def test_does_not_take_an_operators_words_for_a_servers(self, durham, mia):
        made = released(durham)
        Delivery.objects.update(detail=AGAIN)
        assert said(made, mia) == "Waiting: It is about to be sent again."

    def test_tells_of_an_address_that_is_set_aside(self, durham, mia):
        set_aside(mia)
        assert "Your address is set aside" in said(released(durham), mia)

    def test_tells_of_what_was_withdrawn_before(self, durham, mia):
        made = released(durham)
        post.withdraw(made)
        made.refresh_from_db()
        assert said(made, mia) == "Not sent: The message was withdrawn."
        assert "It was withdrawn on" in said(made, mia, "In the platform")

    def test_repeats_of_what_the_server_said_no_address_number_or_name(self, durham, mia, mail_server):
        made = released(durham)
        mail_server.at_rcpt[mia.email] = (
            "550 5.1.6 <otto@harbour.example> Otto moved to nell@riverbank.example, Nell Price 0191 498 0123"
        )
        go()
        assert said(made, mia) == "Failed: It could not be delivered. The other side said: 550 5.1.6 moved to."

    @pytest.mark.parametrize("state", Delivery.State)
    def test_has_words_for_every_state(self, state, durham, mia):
        made = released(durham)
        ended(made, state, "something", possible_repeat=True)
        words = said(made, mia)
        assert "may have reached you twice" in words
        assert len(words) > 20

    def test_tells_why_there_was_no_text_message(self, durham, mia, texts):
        made = released(durham)
        assert said(made, mia, "Text message") == "Not sent: You have given no number for text messages."
        code = NumberCode.objects.create(person=mia, number="+447700900123")
        assert "was never confirmed by the code" in said(made, mia, "Text message")
        code.delete()
        Number.objects.create(person=mia, number="+447700900123")
        assert "You have not asked for text messages about alerts." in said(made, mia, "Text message")
        wants(mia, "off", channel="text")
        assert said(made, mia, "Text message") == "Not sent: You have turned text messages off."
        set_aside(mia, channel="text", address="+447700900123")
        assert "Your number is set aside" in said(made, mia, "Text message")

    def test_tells_that_there_are_no_text_messages_at_all(self, durham, mia, settings):
        settings.NOTIFY_KEY = ""
        assert said(released(durham), mia, "Text message") == "Not sent: Text messages are not set up here."


class TestWhy:
    def address(self, mailing) -> str:
        return f"/messages/why/{mailing.pk}/"

    def test_answers_the_recipient(self, browse, durham, mia):
        page = browse(mia).get(self.address(released(durham))).content.decode()
        assert "Why did I not get this?" in page
        assert "as lead of Haven House" in page

    def test_for_everybody_else_there_is_no_such_message(self, browse, durham, mia, ben, cora, nell):
        made = released(durham)
        for person in (ben, cora, nell):
            visitor = browse(person)
            hidden, absent = visitor.get(self.address(made)), visitor.get(self.address(Mailing()))
            assert hidden.status_code == absent.status_code == 404

    @pytest.mark.parametrize("withdrawn", [False, True])
    def test_what_is_hidden_and_what_is_absent_are_one_answer_for_the_same_work(
        self, withdrawn, browse, durham, haven, mia, ben
    ):
        """Not for Ben; for Mia, whose agency's signature lapsed; of nobody at all."""
        made = released(durham, marking="OFFICIAL-SENSITIVE", withheld=True)
        if withdrawn:
            post.withdraw(made)
        lapse(haven)
        for person in (mia, ben):
            visitor, answers = browse(person), []
            visitor.get("/messages/")
            for where in (self.address(made), self.address(Mailing())):
                with CaptureQueriesContext(connection) as asked:
                    answer = visitor.get(where)
                body = re.sub(rb'csrfmiddlewaretoken" value="[^"]*"', b"", answer.content)
                same = {name: value for name, value in answer.headers.items() if name not in {"Expires", "Date"}}
                answers.append((answer.status_code, body, same, len(asked)))
            assert answers[0] == answers[1]
            assert answers[0][0] == 404

    def test_shows_what_a_server_said_as_letters(self, browse, durham, mia, mail_server):
        made = released(durham)
        mail_server.at_rcpt[mia.email] = "550 <script>alert(1)</script> user unknown"
        go()
        page = browse(mia).get(self.address(made)).content.decode()
        assert "550 user unknown" in page
        assert "<script>alert" not in page

    def test_a_leaver_is_told_nothing_any_more(self, browse, durham, haven, mia):
        made = released(durham, marking="OFFICIAL-SENSITIVE", withheld=True)
        visitor = browse(mia)
        assert visitor.get(self.address(made)).status_code == 200
        lapse(haven)
        assert visitor.get(self.address(made)).status_code == 404

    def test_says_nothing_of_what_stands_in_it(self, browse, durham, mia):
        made = released(durham, subject="canary", text="canary", marking="OFFICIAL-SENSITIVE", withheld=True)
        assert "canary" not in browse(mia).get(self.address(made)).content.decode()

    def test_takes_as_many_queries_for_one_recipient_as_for_many(self, browse, durham, mia, otto, texts):
        def count(made) -> int:
            visitor = browse(mia)
            visitor.get("/messages/")
            with CaptureQueriesContext(connection) as asked:
                assert visitor.get(self.address(made)).status_code == 200
            return len(asked)

        first = count(released(durham, urgency="priority"))
        rests(mia, until=2 * HOUR)
        assert count(released(durham, urgency="priority")) == first
