"""Every address of the post, sent what no page of ours sends: it says so, and never breaks."""

from __future__ import annotations

import pytest
from django.urls import reverse

from delivery import gate, muting
from delivery.models import Endpoint, Number, Quiet, SetAside
from delivery.urls import urlpatterns
from tests.delivery.factories import released
from tests.delivery.wishing import set_aside

pytestmark = pytest.mark.django_db
TWICE = ["at_once", "off"]
LONG = "9" * 5000
RUBBISH = ["", " ", "\x00", "²", "٣pm", "😀", "'; --", "<script>", LONG, "-1", "None", "[]", "25:00", "12:60pm", "+"]
FIELDS = (
    *("alert_email", "alert_text", "training_email", "training_text", "quiet_begins", "quiet_ends"),
    *("number", "agency", "name", "url", "reason", "withdraw", "List-Unsubscribe"),
)
UNKNOWN = {"state": "sent", "person": "1", "csrfmiddlewaretoken": "x", "__class__": "x", "id": "1"}
NO_FORMS = [
    ("", "application/x-www-form-urlencoded"),
    ("%", "application/x-www-form-urlencoded"),
    ("reason=x", "application/x-www-form-urlencoded; charset=nonsense"),
    ("reason=x", "application/x-www-form-urlencoded; charset=utf-16"),
    ("number=%FF%FE&reason=%FF&alert_email=%C3%28", "application/x-www-form-urlencoded"),
    ('{"number": 1}', "application/json"),
    ("--x\r\nbroken", "multipart/form-data; boundary=x"),
    ("--x", "multipart/form-data"),
    ("words", "text/plain; charset=nonsense"),
    ("words", ""),
]
REFUSED = {302, 303, 400, 403, 404, 405, 413, 415}


@pytest.fixture
def addresses(durham, haven, mia, settings) -> list[str]:
    """Every address, about things that are there."""
    settings.NOTIFY_KEY = settings.NOTIFY_TEMPLATE = "on"
    mailing = released(durham)
    told = mailing.recipients.get(person=mia).deliveries.first()
    endpoint = Endpoint.objects.create(
        agency=haven, owner=mia, name="Case system", url="https://h.example/", secret="x"
    )
    about = {
        "mute": [muting.token(mia.pk, "alert")],
        "why": [mailing.pk],
        "try_again": [set_aside(mia).pk],
        "webhook": [endpoint.pk],
        "end_webhook": [endpoint.pk],
        "send_again": [endpoint.pk, told.pk],
        "test_webhook": [endpoint.pk],
        "retry_mailing": [mailing.pk],
        "test": [mailing.pk],
    }
    return [reverse(f"delivery:{route.name}", args=about.get(str(route.name), [])) for route in urlpatterns]


def answers(client, addresses, data, **how) -> dict[str, int]:
    return {address: client.post(address, data, **how).status_code for address in addresses}


@pytest.mark.parametrize("name", ["mia", "omar"])
class TestWhatNoPageOfOursSends:
    def test_is_answered_where_every_field_is_rubbish(self, name, addresses, browse, request):
        client = browse(request.getfixturevalue(name))
        for word in RUBBISH:
            data = {**UNKNOWN, **dict.fromkeys(FIELDS, word)}
            assert set(answers(client, addresses, data).values()) <= REFUSED | {200}, word

    def test_is_answered_where_every_field_comes_twice(self, name, addresses, browse, request):
        client = browse(request.getfixturevalue(name))
        assert set(answers(client, addresses, dict.fromkeys(FIELDS, TWICE)).values()) <= REFUSED | {200}

    def test_is_answered_where_it_is_no_form(self, name, addresses, browse, request):
        client = browse(request.getfixturevalue(name))
        for body, kind in NO_FORMS:
            found = {client.generic("POST", address, body, kind).status_code for address in addresses}
            assert found <= REFUSED | {200}, (body, kind)

    def test_is_answered_while_everything_is_held_after_a_restore(self, name, addresses, browse, request):
        gate.close(gate.RESTORED)
        client = browse(request.getfixturevalue(name))
        data = dict.fromkeys(FIELDS, "rubbish")
        assert set(answers(client, addresses, data).values()) <= REFUSED | {200}


class TestNothingSent:
    """A form that was sent empty is one with errors, and not one that was not sent."""

    @pytest.mark.parametrize(
        ("name", "route", "said"),
        [
            ("mia", "preferences", "Choose one"),
            ("mia", "number", "Enter your mobile number"),
            ("mia", "add_webhook", "Enter which system is told"),
            ("omar", "hold", "Say why you are holding everything"),
        ],
    )
    def test_says_what_is_missing(self, name, route, said, browse, request, settings, haven):
        settings.NOTIFY_KEY = settings.NOTIFY_TEMPLATE = "on"
        client = browse(request.getfixturevalue(name))
        page = client.post(reverse(f"delivery:{route}")).content.decode()
        assert "There is a problem" in page
        assert said in page
        assert page.count("Error: ") >= 1
        assert "Error: Error:" not in page

    def test_keeps_nothing(self, browse, mia):
        browse(mia).post(reverse("delivery:preferences"))
        assert not Quiet.objects.exists()
        assert not mia.preferences.exists()


class TestTwoTabs:
    def test_a_number_removed_in_one_is_said_to_be_gone_in_the_other(self, browse, mia):
        Number.objects.create(person=mia, number="+447700900123")
        client, away = browse(mia), reverse("delivery:remove_number")
        client.post(away)
        assert "There is no number to remove" in client.post(away, follow=True).content.decode()

    def test_an_address_tried_again_in_one_is_said_to_be_so_in_the_other(self, browse, mia):
        row = set_aside(mia)
        client, again = browse(mia), reverse("delivery:try_again", args=[row.pk])
        client.post(again)
        assert "already" in client.post(again, follow=True).content.decode()
        assert not SetAside.objects.filter(until_at=None).exists()

    def test_a_webhook_ended_in_one_is_said_to_have_ended_in_the_other(self, browse, mia, haven):
        made = Endpoint.objects.create(agency=haven, owner=mia, name="Case", url="https://h.example/", secret="x")
        client, end = browse(mia), reverse("delivery:end_webhook", args=[made.pk])
        client.post(end)
        assert "has ended already" in client.post(end, follow=True).content.decode()


class TestWhoHoldsNothing:
    def test_somebody_without_an_appointment_opens_their_own_pages(self, browse, mia):
        mia.appointments.all().delete()
        client = browse(mia)
        for route in ("preferences", "number", "addresses"):
            assert client.get(reverse(f"delivery:{route}")).status_code == 200
            assert client.post(reverse(f"delivery:{route}")).status_code in {200, 405}
