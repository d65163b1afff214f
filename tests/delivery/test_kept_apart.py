"""What the post writes by itself (notices, summaries, tests) is no alert: no page, sheet or endpoint counts or shows
it; and what one network is sent changes nothing that another is shown."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.urls import reverse

from delivery import notices, running, summaries, trials
from delivery.models import Endpoint, Mailing, Recipient
from tests.alerts import factories as alerts
from tests.conftest import CAST
from tests.delivery.factories import leads, released
from tests.delivery.wishing import wants

pytestmark = [pytest.mark.django_db, pytest.mark.once]
EACH_TIME = re.compile(r'csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"|\d+:\d\d[ap]m')
READERS = ["cora", "mia", "ben", "faye", "omar"]


@pytest.fixture
def cast(request) -> dict[str, Any]:
    return {name: request.getfixturevalue(name) for name in CAST}


def addresses(alert: Any, cast: dict[str, Any], haven: Any) -> list[str]:
    """Where messages are listed, counted or told of."""
    one = ("detail", "board", "who", "who_csv", "why_not", "progress", "sent")
    ben, own = cast["ben"].pk, haven.pk
    return [
        "/",
        *(reverse(f"alerts:{name}", args=[alert.reference]) for name in one),
        *(reverse("alerts:section", args=[name]) for name in ("waiting", "earlier", "released", "drafts", "approval")),
        *(reverse(name) for name in ("alerts:inbox", "training:sessions", "delivery:promise", "delivery:addresses")),
        *(reverse(name) for name in ("reports:figures", "reports:figures_csv", "network:people", "audit:trail")),
        reverse("reports:sees", args=[ben]),
        reverse("network:person", args=[ben]),
        reverse("network:close_account", args=[ben]),
        reverse("network:agency_leaver", args=[own, ben]),
        reverse("network:agency_people", args=[own]),
        "/api/v1/alerts",
        f"/api/v1/alerts/{alert.reference}",
    ]


def shown(browse: Any, cast: dict[str, Any], names: list[str], paths: list[str]) -> dict[tuple[str, str], Any]:
    """What each is shown at each address, without what differs each time."""
    found = {}
    for name in names:
        client = browse(cast[name])
        for path in paths:
            answer = client.get(path)
            body = b"".join(answer) if answer.streaming else answer.content
            found[name, path] = (answer.status_code, EACH_TIME.sub("", body.decode()))
    return found


class TestNotices:
    def test_change_no_page_sheet_or_endpoint_of_anybody(self, browse, cast, durham, haven):
        wants(cast["ben"], "digest")
        alert = alerts.released(durham, cast["cora"], haven)
        released(durham, urgency="priority", reference="DUR-2026-0099")
        webhook = Endpoint.objects.create(agency=haven, owner=cast["mia"], name="Case system", url="https://h.example/")
        paths = [*addresses(alert, cast, haven), reverse("delivery:webhooks")]
        before = shown(browse, cast, READERS, paths)
        notices.tell_leads(haven, subject="canary notice", text="canary", path="/messages/addresses/")
        running.send_test(cast["omar"])
        trials.send(webhook)
        assert summaries.make(durham, dt.date(2026, 11, 22))
        assert {"notice", "digest"} <= set(Mailing.objects.values_list("kind", flat=True))
        assert Recipient.objects.filter(mailing__kind__in=("notice", "digest"), person=cast["mia"]).exists()
        after = shown(browse, cast, READERS, paths)
        assert [place for place in before if before[place] != after[place]] == []
        assert sum(status == 200 for status, _ in before.values()) > 60

    def test_another_networks_messages_change_nothing_here(self, browse, cast, durham, riverside, haven):
        alert = alerts.released(durham, cast["cora"], haven)
        paths = addresses(alert, cast, haven)
        ours = ["cora", "mia", "faye"]
        before = shown(browse, cast, ours, paths)
        leads(riverside, 7)
        released(riverside)
        Mailing.objects.filter(network=riverside).update(reference="RIV-2026-0001")
        after = shown(browse, cast, ours, paths)
        assert [place for place in before if before[place] != after[place]] == []
