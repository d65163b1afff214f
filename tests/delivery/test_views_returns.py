from __future__ import annotations

import json

import pytest
from django.test import Client
from django.urls import reverse

from delivery.bounces import LARGEST
from delivery.models import Delivery, Number, Report
from tests.delivery.reports import bounce, token_of
from tests.delivery.test_returns import NUMBER, send

pytestmark = pytest.mark.django_db
TOKEN = "an unpredictable token of theirs"


@pytest.fixture
def on(settings):
    settings.RETURNS_TOKEN = TOKEN
    settings.NOTIFY_CALLBACK_TOKEN = f"{TOKEN} too"


@pytest.fixture
def stranger():
    """Another system: no session, no cookie, and held to CSRF if anything were."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def sent(durham, mia) -> Delivery:
    return send(durham)


def post(client, name, body, token=TOKEN, kind="message/rfc822", **more):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.post(reverse(f"delivery:{name}"), body, content_type=kind, headers=headers, **more)


class TestBounce:
    def test_is_absent_unless_it_is_set_up(self, stranger, sent):
        for name in ("returns", "receipts"):
            assert post(stranger, name, b"", token="").status_code == 404
            assert post(stranger, name, b"", token=" ").status_code == 404

    def test_is_acted_on(self, on, stranger, sent):
        answer = post(stranger, "returns", bounce(token_of(sent)))
        assert (answer.status_code, answer.content, answer.cookies) == (204, b"", {})
        sent.refresh_from_db()
        assert sent.state == "bounced"

    @pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper(), "é"])
    def test_needs_the_token(self, on, stranger, sent, token):
        assert post(stranger, "returns", bounce(token_of(sent)), token=token).status_code == 401
        assert not Report.objects.exists()

    def test_a_person_who_is_signed_in_has_no_token(self, on, browse, mia, sent):
        assert post(browse(mia), "returns", bounce(token_of(sent)), token="").status_code == 401

    def test_one_token_does_not_open_the_other(self, on, stranger):
        assert post(stranger, "receipts", b"{}", kind="application/json").status_code == 401

    def test_other_kinds_and_sizes_are_refused(self, on, stranger, sent):
        assert post(stranger, "returns", bounce(token_of(sent)), kind="text/plain").status_code == 415
        assert post(stranger, "returns", bounce(token_of(sent)) + b"x" * LARGEST).status_code == 413
        assert not Report.objects.exists()

    def test_tells_nobody_whether_a_name_was_known(self, on, stranger, sent):
        forged = post(stranger, "returns", bounce("b-7-00000000-00000000000000000000"))
        known = post(stranger, "returns", bounce(token_of(sent)))
        again = post(stranger, "returns", bounce(token_of(sent)))
        assert {(answer.status_code, answer.content) for answer in (forged, known, again)} == {(204, b"")}

    def test_asks_to_be_told_again_when_it_is_too_early(self, on, stranger, sent):
        Delivery.objects.update(state="sending")
        answer = post(stranger, "returns", bounce(token_of(sent)))
        assert (answer.status_code, answer["Retry-After"]) == (503, "60")

    def test_is_not_to_be_read(self, on, stranger):
        assert stranger.get(reverse("delivery:returns")).status_code == 405


class TestReceipt:
    @pytest.fixture
    def texted(self, sent, mia):
        Number.objects.create(person=mia, number=NUMBER)
        Delivery.objects.filter(pk=sent.pk).update(channel="text")
        return sent

    def tell(self, client, told):
        body = told if isinstance(told, bytes) else json.dumps(told)
        return post(client, "receipts", body, token=f"{TOKEN} too", kind="application/json")

    def test_is_written_down(self, on, stranger, texted):
        told = {"id": "5c0e", "reference": token_of(texted, NUMBER), "status": "delivered", "to": NUMBER}
        assert self.tell(stranger, told).status_code == 204
        texted.refresh_from_db()
        assert texted.state == "delivered"

    @pytest.mark.parametrize("told", [b" ", b"[]", b"nonsense", b"[" * 9000, {}, {"reference": {}, "status": 7}])
    def test_rubbish_is_ignored(self, on, stranger, texted, told):
        assert self.tell(stranger, told).status_code == 204
        assert not Report.objects.exists()
