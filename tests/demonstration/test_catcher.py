from __future__ import annotations

import os
import smtplib
import sys
from email.message import EmailMessage

import pytest
from django.conf import settings as project

from bootstrap.places import ROOT
from bootstrap.watched import Watched
from demonstration import mailbox
from tests.bootstrap.processes import until
from tests.servers import free_port


def listens(port: int) -> bool:
    try:
        smtplib.SMTP("127.0.0.1", port, timeout=2).quit()
    except OSError:
        return False
    return True


@pytest.mark.once
class TestCatch:
    def test_accepts_a_message_and_keeps_it_for_each_recipient_of_the_envelope(self, settings, tmp_path):
        settings.VAR = tmp_path
        port = free_port()
        env = {**os.environ, "LANTERN_VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
        command = [sys.executable, "-m", "demonstration.catcher", "--port", str(port)]
        catcher = Watched(command, log=tmp_path / "log", env={**env, "LANTERN_MODE": project.MODE}, folder=ROOT)
        try:
            assert until(lambda: listens(port)), (tmp_path / "log").read_text()
            message = EmailMessage()
            message["From"], message["To"], message["Subject"] = "a@lantern.example", "undisclosed", "Naïve"
            message.set_content("Plain – with a dash.")
            message.add_alternative("<p>Rich.</p>", subtype="html")
            with smtplib.SMTP("127.0.0.1", port) as relay:
                relay.send_message(message, "bounces@lantern.example", ["mia@haven.example", "ben@haven.example"])
            [caught], total = mailbox.newest()
        finally:
            catcher.stop()
        assert total == 1
        assert caught.recipients == ("mia@haven.example", "ben@haven.example")
        assert (caught.subject, caught.text.strip(), caught.html.strip()) == (
            "Naïve",
            "Plain – with a dash.",
            "<p>Rich.</p>",
        )
