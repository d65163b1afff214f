from __future__ import annotations

from importlib import import_module

import pytest
from django.conf import settings as configured
from django.core import mail
from django.core.mail.utils import DNS_NAME

from accounts import links
from accounts.models import LinkRequest
from network import actions
from tests.delivery import smtp
from tests.network.people import post

MACHINE = "web-1.internal.example"
USUAL = import_module(configured.SETTINGS_MODULE).EMAIL_BACKEND  # a test otherwise keeps its mail in memory


@pytest.fixture
def server(settings, monkeypatch):
    """A real mail server, on a machine whose name we know."""
    monkeypatch.setattr(DNS_NAME, "_fqdn", MACHINE, raising=False)
    with smtp.running() as running:
        settings.EMAIL_BACKEND = USUAL
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", running.port, 5
        yield running


class TestWhatLeaves:
    def test_e58_names_the_senders_domain_and_not_the_machine(self, server):
        mail.send_mail("A", "B", None, ["mia@lantern.example"])
        mail.send_mail("A", "B", None, ["ben@lantern.example"])
        assert server.greetings == ["lantern.example"] * 2
        first, second = (message["Message-ID"] for _, message in server.accepted)
        assert first.endswith("@lantern.example>")
        assert first != second
        assert not [message for _, message in server.accepted if MACHINE in message.as_string()]

    @pytest.mark.django_db
    def test_e58_is_so_of_invitations_and_links_for_a_new_password(self, server, mia, haven):
        actions.invite(email="new@haven.example", name="Nia Cole", role="member", place=haven, by=mia)
        assert post() == 1
        links.answer(LinkRequest.objects.create(email=mia.email).pk)
        assert len(server.accepted) == 2
        for _, message in server.accepted:
            assert message["Message-ID"].endswith("@lantern.example>")
            assert MACHINE not in message.as_string()
