from __future__ import annotations

import re

import pytest
from django.core.signing import Signer
from django.db.models.functions import Now

from audit.models import Entry
from delivery import muting
from delivery.models import Delivery, Preference
from tests.delivery.factories import audience, released
from tests.delivery.test_carrier import go
from tests.delivery.wishing import wants

UNKNOWN = "/no-such-page/"


def link(person, kind: str = "alert") -> str:
    return f"/messages/mute/{muting.token(person.pk, kind)}/"


@pytest.fixture
def stranger(client):
    """A mail program: no session, no cookie, and checked for forgery like any browser."""
    client.handler.enforce_csrf_checks = True
    return client


def one_click(stranger, address: str):
    """What RFC 8058 has a mail program send."""
    return stranger.post(address, {"List-Unsubscribe": "One-Click"})


class TestToken:
    def test_says_nothing_that_could_be_read(self, mia):
        made = muting.token(mia.pk, "alert")
        assert "mia" not in made.lower()
        assert re.fullmatch(r"[0-9a-f]{32}-alert-email\.[\w-]+", made)

    def test_is_read_back(self, mia):
        assert muting.read(muting.token(mia.pk, "digest")) == (mia, "digest", "email")

    @pytest.mark.parametrize(
        "spoil", [lambda t: t[:-1], lambda t: t.replace("alert", "training"), lambda t: "x", lambda t: ""]
    )
    def test_another_persons_or_kinds_cannot_be_made_from_it(self, spoil, mia):
        assert muting.read(spoil(muting.token(mia.pk, "alert"))) is None

    def test_what_is_signed_for_something_else_is_no_token(self, mia):
        value = f"{mia.pk.hex}-alert-email"
        assert muting.read(Signer(sep=".").sign(value)) is None
        assert muting.read(Signer(salt="something else", sep=".").sign(value)) is None

    def test_no_notice_can_be_muted(self, mia):
        assert muting.read(muting.token(mia.pk, "notice")) is None

    def test_a_closed_account_has_none(self, mia):
        made = muting.token(mia.pk, "alert")
        type(mia).objects.update(is_active=False, closed_at=Now())
        assert muting.read(made) is None


class TestMute:
    def test_one_press_without_a_session_turns_it_off(self, stranger, mia):
        answer = one_click(stranger, link(mia, "training"))
        assert answer.status_code == 200
        assert Preference.objects.get(person=mia, kind="training", channel="email").choice == "off"

    def test_leaves_one_entry_however_often_it_is_pressed(self, stranger, mia):
        for _ in range(3):
            assert one_click(stranger, link(mia)).status_code == 200
        entry = Entry.objects.get(verb="preference.mute")
        assert (entry.actor_id, entry.details) == (mia.pk, {"kind": "alert", "channel": "email"})

    @pytest.mark.parametrize("method", ["get", "head"])
    def test_opening_it_changes_nothing(self, method, stranger, mia):
        answer = getattr(stranger, method)(link(mia))
        assert answer.status_code == 200
        assert not Preference.objects.exists()
        assert not Entry.objects.filter(verb="preference.mute").exists()
        assert "no-store" in answer["Cache-Control"]

    def test_the_page_asks_and_names_nobody(self, stranger, mia):
        page = stranger.get(link(mia)).content.decode()
        assert "Stop these emails" in page
        assert "Mia" not in page
        assert mia.email not in page

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_a_forged_link_is_answered_like_any_unknown_address(self, method, stranger, mia):
        forged = getattr(stranger, method)("/messages/mute/forged.forged/")
        unknown = getattr(stranger, method)(UNKNOWN)
        assert (forged.status_code, forged.content) == (unknown.status_code, unknown.content)
        assert forged.status_code == 404

    def test_other_methods_are_refused(self, stranger, mia):
        assert stranger.delete(link(mia)).status_code == 405
        assert stranger.put(link(mia)).status_code == 405

    def test_the_summary_ends_with_what_stood_in_it(self, stranger, mia):
        wants(mia, "digest")
        wants(mia, "at_once", kind="training")
        one_click(stranger, link(mia, "digest"))
        assert dict(mia.preferences.values_list("kind", "choice")) == {"alert": "off", "training": "at_once"}

    @pytest.mark.parametrize("kind", ["alert", "digest"])
    def test_never_turns_off_what_cannot_wait(self, kind, stranger, durham, ben, mail_server):
        """Whoever holds a routine letter of a member's can press the link in it."""
        wants(ben, "digest")
        one_click(stranger, link(ben, kind))
        released(durham, audience(durham, roles=["member"]), urgency="routine")
        released(durham, audience(durham, roles=["member"]), urgency="immediate", reference="DUR-2026-0043")
        assert dict(Delivery.objects.values_list("urgency", "state")) == {
            "routine": "suppressed",
            "immediate": "queued",
        }
        go()
        assert mail_server.addresses == [ben.email]

    @pytest.mark.parametrize("kind", ["alert", "digest"])
    def test_the_page_says_that_immediate_alerts_still_come(self, kind, stranger, ben):
        asked, done = stranger.get(link(ben, kind)), one_click(stranger, link(ben, kind))
        for page in (asked, done):
            assert "Immediate alerts still come by email at once." in page.content.decode()
        assert "emails about alerts that can wait" in asked.content.decode() or kind == "digest"

    def test_what_is_muted_is_not_sent_and_nobody_else_is_touched(self, stranger, durham, mia, otto):
        one_click(stranger, link(mia))
        released(durham, urgency="routine")
        states = dict(Delivery.objects.values_list("recipient__person__name", "state"))
        assert states == {"Mia Hughes": "suppressed", "Otto Lindqvist": "queued"}
