from __future__ import annotations

import io
import os
import ssl
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError

from config import settings as written
from delivery import bounces, mailbox, returns, tasks
from delivery.models import Delivery
from delivery.returns import Verdict
from tests.delivery import imap
from tests.delivery.reports import bounce, token_of
from tests.delivery.test_returns import send
from tests.servers import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(settings, tmp_path, monkeypatch):
    with imap.running(tmp_path) as (made, certificate):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        settings.BOUNCE_IMAP_HOST, settings.BOUNCE_IMAP_PORT = "127.0.0.1", made.port
        settings.BOUNCE_IMAP_USER, settings.BOUNCE_IMAP_PASSWORD = imap.USER, imap.PASSWORD
        yield made


@pytest.fixture
def sent(durham, mia) -> Delivery:
    return send(durham)


class TestRead:
    def test_acts_on_what_is_new_and_marks_it_as_seen(self, box, sent):
        box.put(b"Subject: Cheap watches\r\n\r\nBuy!", bounce(token_of(sent)), bounce(token_of(sent)))
        assert mailbox.read() == {Verdict.IGNORED: 1, Verdict.ACTED: 1, Verdict.REPEATED: 1}
        sent.refresh_from_db()
        assert sent.state == "bounced"
        assert box.seen == {1, 2, 3}
        assert mailbox.read() == {}

    def test_leaves_for_later_what_comes_too_early(self, box, sent):
        Delivery.objects.update(state="sending")
        box.put(bounce(token_of(sent)))
        assert mailbox.read() == {Verdict.EARLY: 1}
        assert not box.seen
        Delivery.objects.update(state="sent")
        assert mailbox.read() == {Verdict.ACTED: 1}

    def test_reads_no_more_of_a_message_than_it_looks_at(self, box, sent, monkeypatch):
        box.put(bounce(token_of(sent)) + b"x" * bounces.LARGEST)
        heard = []
        monkeypatch.setattr(returns, "take_in", lambda raw: heard.append(len(raw)) or Verdict.IGNORED)
        mailbox.read()
        assert heard == [bounces.LARGEST]

    def test_a_certificate_that_is_not_trusted_is_not_spoken_to(self, box, monkeypatch):
        monkeypatch.delenv("SSL_CERT_FILE")
        with pytest.raises(ssl.SSLCertVerificationError):
            mailbox.read()

    @pytest.mark.parametrize("changed", [{"BOUNCE_IMAP_PASSWORD": "wrong"}, {"BOUNCE_IMAP_FOLDER": "Nowhere"}])
    def test_a_mailbox_that_refuses_is_said_to(self, box, settings, changed):
        for name, value in changed.items():
            setattr(settings, name, value)
        with pytest.raises(CommandError, match="could not be read"):
            call_command("read_bounces")


class TestFetch:
    def test_a_mailbox_that_is_away_breaks_nothing(self, settings, caplog):
        settings.BOUNCE_IMAP_HOST, settings.BOUNCE_IMAP_PORT = "127.0.0.1", free_port()
        tasks.fetch_bounces()
        assert "bounces_not_read" in caplog.text

    def test_without_one_nothing_is_read(self, monkeypatch):
        monkeypatch.setattr(mailbox, "read", lambda: pytest.fail("there is no mailbox"))
        tasks.fetch_bounces()
        assert "bounces" not in written.CELERY_BEAT_SCHEDULE
        with pytest.raises(CommandError, match="LANTERN_BOUNCE_IMAP_HOST"):
            call_command("read_bounces")


class TestCommands:
    def test_says_what_there_was(self, box, sent):
        box.put(bounce(token_of(sent)))
        out = io.StringIO()
        call_command("read_bounces", stdout=out)
        assert out.getvalue() == "1 acted on\n1 messages read.\n"

    def pipe(self, monkeypatch, raw: bytes) -> None:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
        call_command("read_bounce")

    def test_a_pipe_brings_one(self, sent, monkeypatch, capsys):
        self.pipe(monkeypatch, bounce(token_of(sent)))
        sent.refresh_from_db()
        assert sent.state == "bounced"
        assert capsys.readouterr().out == ""

    def test_a_mail_server_is_asked_to_try_again_when_it_is_too_early(self, sent, monkeypatch):
        Delivery.objects.update(state="sending")
        with pytest.raises(SystemExit) as left:
            self.pipe(monkeypatch, bounce(token_of(sent)))
        assert left.value.code == os.EX_TEMPFAIL

    def test_and_when_the_database_is_away(self, monkeypatch):
        def away(raw):
            raise OperationalError

        monkeypatch.setattr(returns, "take_in", away)
        with pytest.raises(SystemExit) as left:
            self.pipe(monkeypatch, b"")
        assert left.value.code == os.EX_TEMPFAIL
