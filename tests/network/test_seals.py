from __future__ import annotations

import datetime as dt
import re

import pytest
from django.core import mail
from django.db.models.functions import Now

from audit import checker, exports, sealing, trail
from audit.models import Entry, Seal, SealLetter
from network import seals, tasks
from tests.delivery import smtp
from tests.factories import appoint, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(durham, dara) -> Seal:
    trail.record("network.load", durham)
    sealing.sweep()
    return Seal.objects.get()


@pytest.fixture
def server(settings):
    """A real mail server."""
    with smtp.running() as running:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", running.port, False
        yield running


class TestMailNewest:
    def test_sends_what_the_checker_takes(self, sealed, dara, server):
        assert seals.mail_newest() == 1
        ((address, letter),) = server.accepted
        assert address == dara.email
        text = letter.get_content()
        number = int(re.search(r"^Seal: (\d+)", text, re.MULTILINE)[1])
        groups = re.findall(r"^    ((?:[0-9a-f]{4} ?)+)\r?$", text, re.MULTILINE)
        known = checker.known_seal(f"{number}:{' '.join(groups)}")
        assert known == (1, sealed.digest)
        assert checker.moment(sealed.sealed_at) in text
        assert not checker.check(list(exports.whole()), [known]).findings

    def test_names_nothing_that_happened(self, sealed, server, durham):
        seals.mail_newest()
        text = str(server.accepted[0][1])
        assert durham.name not in text

    def test_sends_once_a_day(self, sealed, server, durham):
        tasks.mail_seal()
        trail.record("network.load", durham)
        sealing.sweep()
        tasks.mail_seal()
        assert len(server.accepted) == 1
        SealLetter.objects.update(on=dt.date(2026, 1, 1))
        tasks.mail_seal()
        assert len(server.accepted) == 2
        assert "Seal: 2" in server.accepted[1][1].get_content()

    def test_says_which_seal_went_to_whom(self, sealed, server, dara):
        seals.mail_newest()
        row = SealLetter.objects.get()
        assert (row.person_id, row.seal_id) == (dara.pk, 1)
        assert row.sent_at
        entry = Entry.objects.get(verb="seal.mail")
        assert (entry.subject_id, entry.details, entry.actor_id) == ("1", {"letters": 1}, None)

    def test_tries_again_when_the_mail_server_was_down(self, sealed, settings, dara):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", smtp.free_port(), False
        assert seals.mail_newest() == 0
        assert not Entry.objects.filter(verb="seal.mail").exists()
        with smtp.running() as server:
            settings.EMAIL_PORT = server.port
            assert seals.mail_newest() == 1
            assert seals.mail_newest() == 0
            assert server.addresses == [dara.email]

    def test_goes_on_to_the_next_when_one_is_refused(self, sealed, server, dara, durham, caplog):
        other = person("Zoe Amadi", "auditor", durham)
        server.at_rcpt[dara.email] = "550 No such mailbox"
        assert seals.mail_newest() == 1
        assert server.addresses == [other.email]
        assert dara.email not in caplog.text
        server.at_rcpt.clear()
        assert seals.mail_newest() == 1
        assert server.addresses == [other.email, dara.email]

    def test_leaves_a_letter_to_whoever_is_sending_it(self, sealed, dara):
        on = dt.date.today()  # noqa: DTZ011
        row = SealLetter.objects.create(person_id=dara.pk, on=on, lease_until=Now() + dt.timedelta(minutes=5))
        assert seals.mail_newest() == 0
        SealLetter.objects.filter(pk=row.pk).update(lease_until=Now() - dt.timedelta(seconds=1))
        assert seals.mail_newest() == 1

    def test_gives_a_repeat_the_same_number(self, sealed, server, dara):
        seals.mail_newest()
        SealLetter.objects.update(sent_at=None)
        SealLetter.objects.update(lease_until=Now())
        seals.mail_newest()
        first, second = (letter["Message-ID"] for _, letter in server.accepted)
        assert first == second

    def test_writes_to_live_auditors_only(self, sealed, dara, durham, haven, cora, mia, nora, omar):
        gone = person("Gil Novak", "auditor", durham)
        gone.appointments.update(until_at=Now())
        appoint(mia, "auditor", durham, from_at=dt.datetime(2999, 1, 1, tzinfo=dt.UTC))
        assert seals.mail_newest() == 1
        assert [to for letter in mail.outbox for to in letter.to] == [dara.email]

    def test_has_nothing_to_send_before_the_first_seal(self, dara):
        assert seals.mail_newest() == 0
