"""A number counts when the code that was sent to it has been typed; before that it is sent nothing else."""

from __future__ import annotations

import datetime as dt
import logging
import re

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse

from audit.models import Entry
from delivery import confirming, gate, leaving, running, tasks
from delivery.actions.numbers import confirm_number, remove_number, send_code, set_number
from delivery.models import Delivery, Number, NumberCode, Preference, Recipient
from tests.delivery.factories import released
from tests.delivery.notify import DROP, error
from tests.delivery.test_carrier import go
from tests.factories import fresh

pytestmark = pytest.mark.django_db
TYPED, KEPT = "07700 900123", "+447700900123"
OTHER_TYPED, OTHER = "07700 900456", "+447700900456"
PAGE, CODE_PAGE, ANOTHER = "/messages/number/", "/messages/number/code/", "/messages/number/another/"


def code_in(notify) -> str:
    """The one that was sent last."""
    return re.match(r"[0-9]{6}", notify.accepted[-1]["personalisation"]["message"]).group()


def asked(notify, person, typed=TYPED) -> str:
    set_number(number=typed, by=fresh(person))
    tasks.send_codes()
    return code_in(notify)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def later(**time) -> None:
    """What was asked for was asked for so long ago."""
    gone = dt.timedelta(**time)
    NumberCode.objects.update(asked_at=F("asked_at") - gone, made_at=F("made_at") - gone, due_at=F("due_at") - gone)


class TestConfirmNumber:
    def test_the_code_makes_it_a_way_once(self, notify, mia):
        code = asked(notify, mia)
        assert confirm_number(code=f" {code[:3]} {code[3:]}", by=mia).number == KEPT
        entry = Entry.objects.get(verb="number.confirm")
        assert entry.actor_id == mia.pk
        assert code not in str(vars(entry))
        with pytest.raises(ValidationError, match="not valid any more"):
            confirm_number(code=code, by=mia)

    def test_the_one_before_stays_until_then(self, notify, mia):
        Number.objects.create(person=mia, number=KEPT)
        code = asked(notify, mia, OTHER_TYPED)
        assert Number.objects.get().number == KEPT
        confirm_number(code=code, by=mia)
        assert Number.objects.get().number == OTHER

    def test_five_wrong_ones_end_it(self, notify, mia):
        code = asked(notify, mia)
        for _ in range(5):
            assert confirm_number(code=wrong(code), by=mia) is None
        with pytest.raises(ValidationError, match="Send another"):
            confirm_number(code=code, by=mia)
        assert not Number.objects.exists()

    def test_after_four_wrong_ones_the_right_one_still_counts(self, notify, mia):
        code = asked(notify, mia)
        for _ in range(4):
            confirm_number(code=wrong(code), by=mia)
        assert confirm_number(code=code, by=mia)

    @pytest.mark.parametrize(("minutes", "counts"), [(29, True), (30, False)])
    def test_it_is_valid_for_half_an_hour(self, notify, mia, minutes, counts):
        code = asked(notify, mia)
        later(minutes=minutes)
        if counts:
            assert confirm_number(code=code, by=mia)
        else:
            with pytest.raises(ValidationError):
                confirm_number(code=code, by=mia)

    def test_one_that_was_replaced_is_wrong(self, notify, mia):
        first = asked(notify, mia)
        later(minutes=1)
        send_code(by=mia)
        tasks.send_codes()
        assert first == code_in(notify) or confirm_number(code=first, by=mia) is None
        assert confirm_number(code=code_in(notify), by=mia)

    def test_one_for_the_number_before_does_not_confirm_the_next(self, notify, mia):
        first = asked(notify, mia)
        second = asked(notify, mia, OTHER_TYPED)
        assert first == second or confirm_number(code=first, by=mia) is None
        assert confirm_number(code=second, by=mia).number == OTHER

    def test_somebody_elses_is_wrong(self, notify, mia, ben):
        mias, bens = asked(notify, mia), asked(notify, ben, OTHER_TYPED)
        assert mias == bens or confirm_number(code=mias, by=ben) is None
        with pytest.raises(ValidationError):
            confirm_number(code=mias, by=_nobody_waits(ben))

    def test_a_code_of_a_number_removed_meanwhile_brings_nothing_back(self, notify, mia):
        code = asked(notify, mia)
        remove_number(by=fresh(mia))
        with pytest.raises(ValidationError):
            confirm_number(code=code, by=mia)


def _nobody_waits(person):
    NumberCode.objects.filter(person=person).delete()
    return person


class TestSendCode:
    def test_at_most_once_a_minute(self, notify, mia):
        asked(notify, mia)
        with pytest.raises(ValidationError, match="Wait a minute"):
            send_code(by=mia)
        later(minutes=1)
        send_code(by=mia)
        assert Entry.objects.filter(verb="number.send_code", actor_id=mia.pk).count() == 1

    def test_at_most_five_a_day_whatever_becomes_of_the_number(self, notify, mia):
        for _ in range(4):
            asked(notify, mia)
            remove_number(by=fresh(mia))
        confirm_number(code=asked(notify, mia), by=mia)
        with pytest.raises(ValidationError, match="five codes"):
            set_number(number=OTHER_TYPED, by=fresh(mia))
        assert len(notify.accepted) == 5
        later(days=1)
        assert asked(notify, mia, OTHER_TYPED)
        assert NumberCode.objects.count() == 1

    def test_the_limit_holds_for_another_code_as_well(self, notify, mia):
        asked(notify, mia)
        for _ in range(4):
            later(minutes=1)
            send_code(by=mia)
        later(minutes=1)
        with pytest.raises(ValidationError, match="five codes"):
            send_code(by=mia)

    def test_needs_a_number_that_waits(self, notify, mia):
        Number.objects.create(person=mia, number=KEPT)
        with pytest.raises(ValidationError, match="no number to confirm"):
            send_code(by=mia)


class TestSend:
    def test_says_the_code_and_nothing_of_networks_or_people(self, notify, mia):
        code = asked(notify, mia)
        assert notify.numbers == [KEPT]
        words = notify.accepted[0]["personalisation"]["message"]
        assert words == confirming.WORDS.format(code)
        assert len(words) <= 160

    def test_is_away_from_the_page_and_once(self, notify, mia, browse, django_capture_on_commit_callbacks, rung):
        with django_capture_on_commit_callbacks(execute=True):
            browse(mia).post(PAGE, {"number": TYPED})
        assert notify.accepted == []
        assert [(task, args) for task, args, _ in rung("routine")] == [(tasks.send_codes.name, [])]
        row = NumberCode.objects.get()
        assert confirming.send(row.pk)
        assert not confirming.send(row.pk)
        assert len(notify.accepted) == 1

    def test_one_is_sent_by_one_at_a_time(self, notify, mia):
        row = set_number(number=TYPED, by=fresh(mia))
        NumberCode.objects.update(lease_until=Now() + dt.timedelta(minutes=1))
        assert not confirming.send(row.pk)
        NumberCode.objects.update(lease_until=Now() - dt.timedelta(seconds=1))
        assert confirming.send(row.pk)

    def test_the_code_stands_in_no_table_log_or_argument(self, notify, mia, caplog):
        caplog.set_level(logging.DEBUG)
        code = asked(notify, mia)
        assert code not in caplog.text
        assert KEPT not in caplog.text
        rows = (row for model in apps.get_models() for row in model._base_manager.values_list())
        kept = [str(value) for row in rows for value in row if not isinstance(value, dt.datetime)]
        assert kept
        assert code not in re.sub(r"[0-9]{7,}|[0-9a-f-]{32,}", "", " ".join(kept))
        assert NumberCode.objects.get().digest not in {code, ""}

    def test_the_digest_needs_our_key(self, notify, mia, settings):
        code = asked(notify, mia)
        settings.SECRET_KEY = "another"
        assert confirm_number(code=code, by=mia) is None

    def test_is_tried_again_with_another_code(self, notify, mia, caplog):
        notify.answers[KEPT] = DROP
        set_number(number=TYPED, by=fresh(mia))
        tasks.send_codes()
        first = NumberCode.objects.get()
        assert (first.tries, first.lease_until) == (1, None)
        assert "code_not_sent" in caplog.text
        assert KEPT not in caplog.text
        assert confirming.due() == []
        notify.answers.clear()
        later(minutes=1)
        tasks.send_codes()
        row = NumberCode.objects.get()
        assert (row.digest != first.digest, row.due_at) == (True, None)
        assert confirm_number(code=code_in(notify), by=mia)

    def test_is_given_up_while_somebody_may_still_be_waiting(self, notify, mia, settings):
        settings.NOTIFY_URL = "http://127.0.0.1:9"
        set_number(number=TYPED, by=fresh(mia))
        for _ in range(8):
            tasks.send_codes()
            later(hours=1)
        row = NumberCode.objects.get()
        assert (row.tries, row.due_at, row.digest) == (confirming.LAST_TRY + 1, None, "")

    def test_a_number_that_notify_refuses_is_not_tried_again(self, notify, mia, browse):
        notify.answers[KEPT] = error(400, "phone_number is not a valid mobile number")
        set_number(number=TYPED, by=fresh(mia))
        tasks.send_codes()
        row = NumberCode.objects.get()
        assert (row.due_at, row.digest) == (None, "")
        assert "We could not send a code to it" in browse(mia).get(PAGE).content.decode()

    def test_nothing_leaves_while_the_post_is_held(self, notify, mia, omar, settings):
        set_number(number=TYPED, by=fresh(mia))
        running.hold("The mail server is being moved", omar)
        assert not gate.is_open()
        tasks.send_codes()
        assert notify.accepted == []

    def test_none_is_sent_for_a_number_removed_meanwhile(self, notify, mia):
        row = set_number(number=TYPED, by=fresh(mia))
        remove_number(by=fresh(mia))
        assert confirming.due() == []
        assert not confirming.send(row.pk)
        assert notify.accepted == []

    def test_it_goes_with_the_account(self, notify, mia, omar):
        asked(notify, mia)
        leaving.end_with_person(mia, omar)
        assert not NumberCode.objects.exists()


class TestBeforeItIsConfirmed:
    def test_it_is_sent_nothing_but_codes(self, notify, durham, mia, mail_server):
        """Neither when they asked for all at once, nor as the next way after an email came back."""
        Preference.objects.create(person=mia, channel="text", kind="alert", choice="at_once")
        code = asked(notify, mia)
        mail_server.at_rcpt["mia@lantern.example"] = "550 No such mailbox"
        released(durham)
        go()
        go()
        assert not Delivery.objects.filter(channel="text").exists()
        assert len(notify.accepted) == 1
        confirm_number(code=code, by=mia)
        made = released(durham)
        assert Delivery.objects.filter(channel="text", recipient__mailing=made).count() == 1
        assert Recipient.objects.filter(mailing=made, person=mia).exists()


class TestPage:
    def test_asks_for_the_code_and_takes_it(self, notify, mia, browse):
        client = browse(mia)
        client.post(PAGE, {"number": TYPED})
        tasks.send_codes()
        page = client.get(PAGE).content.decode()
        assert "is not confirmed yet, so no messages go to it" in page
        field = re.search(r"<input[^>]*name=.code.[^>]*>", page).group()
        assert 'inputmode="numeric"' in field
        assert 'autocomplete="one-time-code"' in field
        assert KEPT not in page
        assert "not confirmed yet" in client.get(reverse("delivery:preferences")).content.decode()
        page = client.post(CODE_PAGE, {"code": code_in(notify)}, follow=True).content.decode()
        assert "Your number is confirmed" in page
        assert "In use since" in page
        assert 'name="code"' not in page

    def test_says_that_a_code_is_wrong(self, notify, mia, browse):
        code = asked(notify, mia)
        client = browse(mia)
        assert "not the code that we sent last" in client.post(CODE_PAGE, {"code": wrong(code)}).content.decode()
        page = client.post(CODE_PAGE).content.decode()
        assert "There is a problem" in page
        assert page.count("Error: ") >= 1
        assert page.count("Enter the code from the text message") == 2
        NumberCode.objects.update(wrong=5)
        page = client.post(CODE_PAGE, {"code": code}).content.decode()
        assert "not valid any more. Send another code" in page
        assert "entered wrongly five times" in page

    def test_another_code_by_one_press(self, notify, mia, browse):
        asked(notify, mia)
        client = browse(mia)
        assert "Wait a minute" in client.post(ANOTHER, follow=True).content.decode()
        later(minutes=1)
        assert "Another code is on its way" in client.post(ANOTHER, follow=True).content.decode()

    def test_two_tabs_a_number_confirmed_in_one_is_said_to_be_so_in_the_other(self, notify, mia, browse):
        code, client = asked(notify, mia), browse(mia)
        client.post(CODE_PAGE, {"code": code})
        page = client.post(CODE_PAGE, {"code": code}, follow=True).content.decode()
        assert "There is no number to confirm" in page
        assert "In use since" in page

    def test_shows_nobody_elses(self, notify, mia, ben, browse):
        code = asked(notify, mia)
        assert "ends in" not in browse(ben).get(PAGE).content.decode()
        browse(ben).post(CODE_PAGE, {"code": code})
        assert not Number.objects.exists()

    def test_opening_it_sends_nothing(self, notify, mia, browse):
        asked(notify, mia)
        for page in (PAGE, CODE_PAGE):
            browse(mia).get(page)
        assert NumberCode.objects.count() == 1

    def test_says_so_while_no_code_can_be_sent(self, notify, mia, browse, settings):
        asked(notify, mia)
        settings.NOTIFY_KEY = ""
        page = browse(mia).get(PAGE).content.decode()
        assert "not set up here yet" in page
        assert "is not confirmed" in page
        assert "Remove the number" in page
        assert "Send another code" not in page
