from __future__ import annotations

import datetime as dt
import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from audit.models import Entry
from delivery import gate
from delivery.models import Delivery, Gate, Mailing
from tests.delivery.factories import released

pytestmark = pytest.mark.django_db


def post(*words: str) -> str:
    said = io.StringIO()
    call_command("post", *words, stdout=said)
    return said.getvalue()


def entry(verb: str) -> Entry:
    """The one entry of this deed, which nobody in particular did."""
    found = Entry.objects.get(verb=verb)
    assert found.actor_id is None
    assert found.details["from_server"] is True
    return found


class TestStatus:
    def test_ends_well_when_nothing_is_wrong(self, durham, mia):
        released(durham)
        assert "1 message is owed" in post("status")

    @pytest.mark.parametrize("trouble", ["held", "stuck"])
    def test_ends_with_1_when_somebody_should_look(self, durham, mia, trouble):
        released(durham)
        if trouble == "held":
            gate.close("Wait")
        else:
            Delivery.objects.update(due_at=Now() - dt.timedelta(minutes=5))
        with pytest.raises(SystemExit) as ended:
            post("status")
        assert ended.value.code == 1

    def test_speaks_json(self, durham, mia):
        released(durham)
        found = json.loads(post("status", "--json"))
        assert (found["fine"], found["total"], found["hold"]) == (True, 1, None)
        assert found["owed"][0]["way"] == "email"

    def test_what_somebody_typed_does_nothing_to_the_terminal(self, durham, omar, capsys):
        type(omar).objects.filter(pk=omar.pk).update(name="Omar\x1b]0;owned\x07")
        type(durham).objects.filter(pk=durham.pk).update(name="Durham\x9b2J")
        gate.close("Wait\x1b[2J\r\nEverything is sent.\u202e", omar)
        said = io.StringIO()
        with pytest.raises(SystemExit):
            call_command("post", "status", stdout=said)
        assert "Wait" in said.getvalue()
        assert all(line.isprintable() for line in said.getvalue().split("\n"))
        assert not said.getvalue().startswith("Everything is sent.")
        with pytest.raises(SystemExit):
            call_command("post", "status", "--json", stdout=said)
        assert "\x1b" not in said.getvalue()

    def test_shows_nobody_and_nothing(self, durham, mia, capsys):
        released(durham, subject="White van")
        Delivery.objects.update(state="failed", detail="550 mia@lantern.example unknown", finished_at=Now())
        shown = post("status") + post("status", "--json")
        assert "550 unknown" in shown
        assert "mia" not in shown.lower()
        assert "White van" not in shown


class TestHoldAndResume:
    def test_hold_and_let_go_on_as_the_platform(self):
        assert "Everything is held" in post("hold", "The links are wrong")
        assert Gate.objects.get().reason == "The links are wrong"
        assert entry("post.hold")
        assert "Messages go on" in post("resume")
        assert gate.is_open()
        assert entry("post.resume").details["withdrawn"] == 0

    def test_say_what_cannot_be(self):
        with pytest.raises(CommandError, match="Nothing is held"):
            post("resume")
        post("hold", "Wait")
        with pytest.raises(CommandError, match="held already"):
            post("hold", "Wait")

    def test_withdraw_after_a_restore_by_reference(self, durham, mia):
        released(durham)
        Mailing.objects.update(released_at=Now() - dt.timedelta(hours=1))
        gate.close(gate.RESTORED)
        with pytest.raises(CommandError, match="DUR-1"):
            post("resume", "--withdraw", "DUR-1")
        assert not gate.is_open()
        assert "1 was withdrawn" in post("resume", "--withdraw", "DUR-2026-0042")
        assert Delivery.objects.get().state == "withdrawn"


class TestRetry:
    def test_of_one_message_and_of_all(self, durham, mia):
        released(durham)
        with pytest.raises(CommandError, match="Nothing of DUR-2026-0042"):
            post("retry", "DUR-2026-0042")
        for words in (["DUR-2026-0042"], []):
            Delivery.objects.update(state="failed", finished_at=Now())
            assert "Owed again: 1" in post("retry", *words)
            assert Delivery.objects.get().state == "queued"
        assert Entry.objects.filter(verb="post.retry").count() == 2


class TestTest:
    def test_goes_to_an_operator_and_to_nobody_else(self, durham, omar, mia):
        with pytest.raises(CommandError, match="operator"):
            post("test", "mia@lantern.example")
        assert "on its way" in post("test", "omar@lantern.example")
        assert Delivery.objects.get().recipient.person == omar
        assert entry("post.test")
