from __future__ import annotations

import datetime as dt
import re
import smtplib

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db.models.functions import Now

from accounts import actions, codes, letterbox, notices, tasks
from accounts.models import Identity, Notice, User
from tests.accounts.conftest import PASSWORD
from tests.factories import fresh

pytestmark = pytest.mark.django_db
Kind = Notice.Kind
MINUTE = dt.timedelta(minutes=1)


def told() -> list[EmailMessage]:
    """What leaves now, as the worker sends it."""
    mail.outbox.clear()
    tasks.send_notices()
    return list(mail.outbox)


def add_passkey(mia):
    actions.add_passkey(name="Work laptop", credential={}, by=mia)


def add_app(mia):
    actions.add_app(secret=codes.new_secret(), period=0, by=mia)


def remove_passkey(mia):
    added = actions.add_passkey(name="Work laptop", credential={}, by=mia)
    Notice.objects.all().delete()
    actions.remove_factor(factor=added.factor, by=mia)


def remove_app(mia):
    actions.add_passkey(name="Work laptop", credential={}, by=mia)
    Notice.objects.all().delete()
    actions.remove_factor(factor=mia.authenticator_set.get(type="totp"), by=mia)


def renew_codes(mia):
    actions.renew_recovery_codes(by=mia)


def use_a_code(mia):
    codes.accept(mia, codes.keep_recovery_codes(mia)[0])


def use_the_last_code(mia):
    for code in codes.keep_recovery_codes(mia):
        Notice.objects.all().delete()
        codes.accept(mia, code)


def link(mia):
    actions.link_identity(issuer="i", subject="s", by=mia)


def unlink(mia):
    actions.unlink_identity(identity=Identity.objects.create(person=mia, issuer="i", subject="s"), by=mia)


DEEDS = {
    Kind.PASSKEY_ADDED: add_passkey,
    Kind.APP_ADDED: add_app,
    Kind.PASSKEY_REMOVED: remove_passkey,
    Kind.APP_REMOVED: remove_app,
    Kind.CODES_RENEWED: renew_codes,
    Kind.CODE_USED: use_a_code,
    Kind.CODES_USED_UP: use_the_last_code,
    Kind.LINKED: link,
    Kind.UNLINKED: unlink,
}


class TestEachDeed:
    @pytest.mark.parametrize(("kind", "deed"), DEEDS.items(), ids=[str(kind) for kind in DEEDS])
    def test_writes_one_letter_to_whose_account_it_is(self, kind, deed, mia, app):
        deed(fresh(mia))
        assert list(Notice.objects.values_list("kind", flat=True)) == [kind]
        [letter] = told()
        assert letter.to == [mia.email]
        assert letter.subject == f"Lantern: {kind.label}"
        assert notices.WHAT[kind] in " ".join(letter.body.split())
        assert not Notice.objects.exists(), "nothing is kept of it"

    def test_the_password_changed_in_the_platform(self, browse, mia, password):
        data = {"oldpassword": PASSWORD, "password1": "quite-another-password-7"}
        assert browse(mia).post("/account/password/change/", data).status_code == 302
        [letter] = told()
        assert letter.subject == "Lantern: Your password was changed"

    def test_an_account_that_somebody_else_closed(self, mia, cora):
        actions.close(person=mia, by=cora)
        [letter] = told()
        assert letter.to == [mia.email]
        assert "signed out everywhere" in letter.body
        assert "http" not in letter.body

    def test_a_right_code_of_the_app_writes_none(self, mia, code):
        assert codes.accept(mia, code())
        assert not Notice.objects.exists()

    def test_every_kind_has_its_words(self):
        assert set(notices.WHAT) == set(Kind.values) - {Kind.ADDRESS_CONFIRM}, "its letter is another: it has a link"


class TestTheLetter:
    def test_says_when_in_british_time_and_what_to_do(self, mia, app):
        add_passkey(fresh(mia))
        Notice.objects.update(happened_at="2026-07-01T16:30:00Z")
        [letter] = told()
        assert "1 July 2026 at 5:30pm, British time" in letter.body
        assert "If it was not you" in letter.body
        assert letter.extra_headers["Auto-Submitted"] == "auto-generated"

    @pytest.mark.parametrize("kind", [kind for kind in Kind if kind != Kind.ADDRESS_CONFIRM])
    def test_holds_no_secret_no_address_and_no_link_but_to_the_page(self, kind, mia):
        notices.owe(kind, mia)
        [letter] = told()
        assert mia.email not in letter.body
        assert set(re.findall(r"https?://\S+", letter.body)) <= {"http://127.0.0.1:8000/account/your-sign-in/"}
        assert max(map(len, letter.body.splitlines())) < 120

    def test_names_people_as_they_write_themselves(self, mia):
        User.objects.filter(pk=mia.pk).update(name="Siân O’Neill & daughters")
        notices.owe(Kind.PASSWORD, mia)
        assert "Hello Siân O’Neill & daughters," in told()[0].body

    def test_goes_to_the_address_of_that_moment(self, mia):
        notices.owe(Kind.PASSKEY_ADDED, mia)
        User.objects.filter(pk=mia.pk).update(email="thief@elsewhere.example")
        assert [letter.to for letter in told()] == [["mia@lantern.example"]]


class TestTheWay:
    @pytest.fixture
    def broken(self, monkeypatch):
        """`broken(problem)` is a mail server with this problem."""

        def breaks(problem):
            def fail(_self, *_args, **_more):
                raise problem

            monkeypatch.setattr(EmailMessage, "send", fail)

        return breaks

    def test_rings_after_the_commit_with_nothing_at_all(self, mia, monkeypatch, django_capture_on_commit_callbacks):
        rung = []
        monkeypatch.setattr(notices.current_app, "send_task", lambda name, **how: rung.append((name, how)))
        with django_capture_on_commit_callbacks(execute=True):
            actions.sign_out_everywhere(by=mia)
            notices.owe(Kind.PASSWORD, mia)
            assert not rung
        assert rung == [("accounts.tasks.send_notices", {"queue": "routine", "retry": False})]

    def test_a_bell_that_cannot_be_rung_undoes_nothing(self, mia, monkeypatch, django_capture_on_commit_callbacks):
        def broken(*_, **__):
            raise OSError

        monkeypatch.setattr(notices.current_app, "send_task", broken)
        with django_capture_on_commit_callbacks(execute=True):
            actions.add_app(secret=codes.new_secret(), period=0, by=mia)
        assert mia.authenticator_set.filter(type="totp").exists()
        assert len(told()) == 1

    def test_tries_again_when_the_mail_server_is_away(self, mia, broken, monkeypatch):
        notices.owe(Kind.PASSWORD, mia)
        with monkeypatch.context():
            broken(OSError())
            assert not told()
        assert notices.waiting() == []
        Notice.objects.update(due_at=Now() - MINUTE)
        monkeypatch.undo()
        assert len(told()) == 1

    def test_gives_up_after_a_while(self, mia, broken):
        notices.owe(Kind.PASSWORD, mia)
        broken(OSError())
        for _ in range(len(letterbox.AGAIN) + 1):
            Notice.objects.update(due_at=Now() - MINUTE)
            tasks.send_notices()
        assert not Notice.objects.exists()

    @pytest.mark.parametrize(("code", "kept"), [(550, False), (451, True)])
    def test_asks_once_for_an_address_that_is_refused_for_good(self, mia, broken, code, kept):
        notices.owe(Kind.PASSWORD, mia)
        broken(smtplib.SMTPRecipientsRefused({mia.email: (code, b"no")}))
        tasks.send_notices()
        assert Notice.objects.exists() == kept

    def test_is_sent_by_one_of_two(self, mia):
        notices.owe(Kind.PASSWORD, mia)
        [pk] = notices.waiting()
        Notice.objects.update(lease_until=Now() + MINUTE)
        assert not notices.send(pk)
        Notice.objects.update(lease_until=Now() - MINUTE)
        assert notices.send(pk)

    def test_nobody_sees_them(self, mia, omar):
        notices.owe(Kind.PASSWORD, mia)
        assert not Notice.objects.visible_to(mia).exists()
        assert not Notice.objects.visible_to(omar).exists()
