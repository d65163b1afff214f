from __future__ import annotations

import datetime as dt
import smtplib

import pytest
from django.core.mail import EmailMessage
from django.db.models.functions import Now

from accounts import letterbox
from accounts.letterbox import AGAIN, Problem
from accounts.models import Notice


@pytest.fixture
def row(mia):
    return Notice.objects.filter(pk=Notice.objects.create(kind="password", person=mia, email=mia.email).pk)


class TestClaim:
    def test_is_for_one_caller_only(self, row):
        assert letterbox.claim(row)
        assert not letterbox.claim(row)

    def test_is_for_another_when_the_first_is_gone(self, row):
        letterbox.claim(row)
        row.update(lease_until=Now() - dt.timedelta(seconds=1))
        assert letterbox.claim(row)

    def test_waits_until_it_is_due(self, row):
        row.update(due_at=Now() + AGAIN[0])
        assert not letterbox.claim(row)


class TestHandOver:
    @pytest.mark.parametrize(
        ("said", "is_final"),
        [
            (smtplib.SMTPRecipientsRefused({"mia@lantern.example": (550, b"no such user")}), True),
            (smtplib.SMTPRecipientsRefused({"mia@lantern.example": (450, b"later")}), False),
            (smtplib.SMTPServerDisconnected("gone"), False),
            (OSError("no route"), False),
        ],
    )
    def test_says_whether_to_try_again(self, said, is_final, monkeypatch):
        def send(self):
            raise said

        monkeypatch.setattr(EmailMessage, "send", send)
        problem = letterbox.hand_over(EmailMessage("A", "B", to=["mia@lantern.example"]), "password")
        assert problem is not None
        assert problem.is_final is is_final

    def test_says_nothing_when_it_was_taken(self, mailoutbox):
        assert letterbox.hand_over(EmailMessage("A", "B", to=["mia@lantern.example"]), "password") is None
        assert len(mailoutbox) == 1


class TestNextTry:
    def test_comes_later_each_time_and_then_not_at_all(self):
        assert sorted(AGAIN) == AGAIN
        assert letterbox.next_try(len(AGAIN) - 1, Problem("", is_final=False))
        assert letterbox.next_try(len(AGAIN), Problem("", is_final=False)) is None
        assert letterbox.next_try(0, Problem("", is_final=True)) is None
