from __future__ import annotations

import re

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import links, tasks
from accounts.models import LinkRequest, User
from tests.accounts.conftest import is_in

pytestmark = pytest.mark.django_db
NEW = "quite-another-password-7"


def ask(client: Client, email: str):
    return client.post("/account/password/reset/", {"email": email})


def answer_all() -> None:
    tasks.answer_waiting()


def link_in(message) -> str:
    return re.search(r"http://127.0.0.1:8000(/account/password/reset/\S+/)", message.body)[1]


class TestAsking:
    def test_walks_from_the_mail_to_a_new_password(self, client, mia, password):
        asked = ask(client, "Mia@Lantern.example")
        assert asked["Location"] == "/account/password/reset/sent/"
        assert client.get(asked["Location"]).status_code == 200
        answer_all()
        [message] = mail.outbox
        assert message.to == ["mia@lantern.example"]
        form = client.get(link_in(message), follow=True)
        address = form.redirect_chain[-1][0]
        assert "set-password" in address
        done = client.post(address, {"password1": NEW}, follow=True)
        assert done.redirect_chain[-1][0] == "/account/password/reset/done/"
        mia.refresh_from_db()
        assert mia.check_password(NEW)

    def test_does_nothing_about_mail_while_the_page_waits(self, client, mia):
        ask(client, mia.email)
        assert not mail.outbox
        assert LinkRequest.objects.count() == 1

    def test_rings_with_a_number_and_nothing_else(self, client, mia, monkeypatch, django_capture_on_commit_callbacks):
        rung = []
        monkeypatch.setattr(links.current_app, "send_task", lambda name, **how: rung.append((name, how["args"])))
        with django_capture_on_commit_callbacks(execute=True):
            ask(client, mia.email)
        assert rung == [("accounts.tasks.answer", [str(LinkRequest.objects.get().pk)])]

    def test_survives_a_bell_that_cannot_be_rung(self, client, mia, monkeypatch, django_capture_on_commit_callbacks):
        def broken(*_, **__):
            raise OSError

        monkeypatch.setattr(links.current_app, "send_task", broken)
        with django_capture_on_commit_callbacks(execute=True):
            assert ask(client, mia.email).status_code == 302
        answer_all()
        assert len(mail.outbox) == 1


class TestE62TheSameAnswer:
    def test_e62_for_a_known_an_unknown_and_a_closed_address(self, mia, ben, client):
        User.objects.filter(pk=ben.pk).update(is_active=False, closed_at=ben.joined_at)
        seen, work = set(), set()
        for email in (mia.email, "stranger@lantern.example", ben.email):
            with CaptureQueriesContext(connection) as asked:
                answer = ask(Client(), email)
            seen.add((answer.status_code, answer["Location"], len(answer.content)))
            work.add(tuple(re.sub(r"'[^']*'|s\d+_x\d+", "?", query["sql"]) for query in asked))
        assert len(seen) == 1
        assert len(work) == 1, work
        assert not mail.outbox
        answer_all()
        assert [message.to for message in mail.outbox] == [[mia.email]]


class TestE63WhoIsWrittenTo:
    @pytest.mark.parametrize(
        "typed", ["mıa@lantern.example", "mia@lantern.example.", "mia@lanterṅ.example", "mia@ｌantern.example"]
    )
    def test_e63_never_an_address_that_looks_the_same(self, client, mia, typed):
        ask(client, typed)
        answer_all()
        assert not mail.outbox

    def test_e63_always_the_stored_one(self, mia):
        row = LinkRequest.objects.create(email=mia.email)
        links.answer(row.pk)
        assert mail.outbox[0].to == [mia.email]

    def test_the_link_leads_to_us_whatever_host_was_claimed(self, client, mia, settings):
        settings.ALLOWED_HOSTS = ["*"]
        client.post("/account/password/reset/", {"email": mia.email}, headers={"host": "evil.example"})
        answer_all()
        assert "evil" not in mail.outbox[0].body


class TestAnswering:
    def test_forgets_who_asked(self, mia):
        for email in (mia.email, "stranger@lantern.example"):
            links.answer(LinkRequest.objects.create(email=email).pk)
        assert not LinkRequest.objects.exists()

    def test_may_be_asked_twice(self, mia):
        row = LinkRequest.objects.create(email=mia.email)
        tasks.answer(str(row.pk))
        tasks.answer(str(row.pk))
        assert len(mail.outbox) == 1

    def test_says_what_the_name_is_as_it_is_written(self, mia):
        User.objects.filter(pk=mia.pk).update(name="Siân O’Neill & daughters")
        links.answer(LinkRequest.objects.create(email=mia.email).pk)
        assert "Siân O’Neill & daughters" in mail.outbox[0].body


class TestTheLink:
    @pytest.fixture
    def link(self, mia, password) -> str:
        links.answer(LinkRequest.objects.create(email=mia.email).pk)
        return link_in(mail.outbox[-1])

    def reset(self, client: Client, link: str) -> None:
        form = client.get(link, follow=True)
        if form.redirect_chain:
            client.post(form.redirect_chain[-1][0], {"password1": NEW})

    def test_is_no_way_round_the_second_factor(self, client, mia, app, link):
        self.reset(client, link)
        assert not is_in(client)
        client.post("/account/sign-in/", {"login": mia.email, "password": NEW})
        assert not is_in(client)
        assert client.get("/")["Location"].startswith("/account/sign-in/")

    def test_ends_every_session(self, browse, client, mia):
        before = browse(mia)
        links.answer(LinkRequest.objects.create(email=mia.email).pk)
        self.reset(client, link_in(mail.outbox[-1]))
        assert not is_in(before)

    def test_e59_works_once(self, client, mia, link):
        self.reset(client, link)
        page = Client().get(link)
        assert b"This link no longer works" in page.content

    def test_does_not_outlive_the_account(self, client, mia, link):
        mia.set_unusable_password()
        mia.save()
        assert b"This link no longer works" in client.get(link).content

    def test_explains_a_link_that_no_longer_works(self, client):
        assert client.get("/account/password/reset/1-bad-key/").status_code == 200
