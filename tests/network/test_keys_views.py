from __future__ import annotations

import datetime as dt
import json
import re
from itertools import product
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from network import keys
from network.models import ApiKey
from tests.factories import appoint

pytestmark = pytest.mark.django_db
HERE = "/network/keys/"
ASKED = {"name": "Case system", "scopes": ["directory"], "lasts": "30"}


class TestKeys:
    @pytest.mark.parametrize("who", ["ben", "cora", "asha", "cal", "faye", "dara", "nora", "omar"])
    def test_is_for_leads(self, who, browse, request):
        client = browse(request.getfixturevalue(who))
        assert client.get(HERE).status_code == client.post(HERE, ASKED).status_code == 403
        assert not ApiKey.objects.exists()

    def test_shows_the_secret_once_and_leaves_it_nowhere(self, browse, mia, haven):
        client = browse(mia)
        answer = client.post(HERE, {**ASKED, "agency": haven.pk})
        secret = re.search(r"lan_[\w-]{43}", answer.content.decode())[0]
        assert keys.holding(secret).agency == haven
        assert "no-store" in answer["Cache-Control"]
        assert secret not in str(dict(client.session)) + str(client.cookies)
        page = client.get(HERE).content.decode()
        assert "Case system" in page
        assert secret not in page

    def test_issues_for_no_agency_but_those_one_leads(self, browse, mia, otto, harbour, haven):
        assert browse(mia).post(HERE, {**ASKED, "agency": harbour.pk}).status_code == 200
        assert not ApiKey.objects.exists()
        appoint(mia, "deputy", harbour)
        browse(mia).post(HERE, {**ASKED, "agency": harbour.pk})
        assert ApiKey.objects.get().agency == harbour

    def test_says_what_is_missing(self, browse, mia, haven):
        page = browse(mia).post(HERE, {"agency": haven.pk}).content.decode()
        assert "There is a problem" in page
        assert "Error: " in page

    def test_says_how_each_key_stands(self, browse, mia, haven, otto, harbour):
        client = browse(mia)
        for name in ("Live one", "Ended one", "Expired one", "Used one"):
            client.post(HERE, {**ASKED, "agency": haven.pk, "name": name, "allowed_from": "192.0.2.0/24"})
        rows = ApiKey.objects.all()
        rows.filter(name="Ended one").update(ended_at=Now())
        rows.filter(name="Expired one").update(expires_at=Now() - dt.timedelta(seconds=1))
        rows.filter(name="Used one").update(last_used_at=Now(), allowed_from=[])
        page = client.get(HERE).content.decode()
        said = {
            part.split("<")[0].strip(): part.split("</li>")[0]
            for part in page.split('<h3 class="govuk-heading-s">')[1:]
        }
        assert "Live</strong>" in said["Live one"]
        assert "Used only from 192.0.2.0/24." in said["Live one"]
        assert "Never used." in said["Live one"]
        assert "Ended</strong>" in said["Ended one"]
        assert "End this key" not in said["Ended one"]
        assert "Expired</strong>" in said["Expired one"]
        assert "Last used on" in said["Used one"]
        assert "Used from any address." in said["Used one"]
        mia.appointments.update(until_at=Now())
        appoint(otto, "lead", haven)
        page = browse(otto).get(HERE).content.decode()
        assert "Not working</strong>" in page
        assert "because Mia Hughes does not lead the agency now" in page

    def test_costs_the_same_for_many_keys(self, browse, mia, haven):
        client = browse(mia)
        client.post(HERE, {**ASKED, "agency": haven.pk})
        with CaptureQueriesContext(connection) as one:
            client.get(HERE)
        for _ in range(5):
            client.post(HERE, {**ASKED, "agency": haven.pk})
        with CaptureQueriesContext(connection) as six:
            client.get(HERE)
        assert len(one) == len(six)

    def test_says_which_address_is_wrong_and_keeps_what_was_typed(self, browse, mia, haven):
        asked = {**ASKED, "agency": haven.pk, "allowed_from": "192.0.2.0/24\nour office"}
        page = browse(mia).post(HERE, asked).content.decode()
        assert "“our” is no address and no network" in page
        assert "our office</textarea>" in page
        assert 'value="Case system"' in page
        assert not ApiKey.objects.exists()

    def test_shows_other_agencies_keys_to_nobody(self, browse, mia, otto, haven):
        browse(mia).post(HERE, {**ASKED, "agency": haven.pk})
        assert "Case system" not in browse(otto).get(HERE).content.decode()


class TestEndKey:
    @pytest.fixture
    def key(self, browse, mia, haven) -> ApiKey:
        browse(mia).post(HERE, {**ASKED, "agency": haven.pk})
        return ApiKey.objects.get()

    def test_asks_first_and_ends_by_post(self, key, browse, mia):
        client = browse(mia)
        assert client.get(f"{HERE}{key.pk}/end/").status_code == 200
        assert not ApiKey.objects.get().ended_at
        assert "The key has ended" in client.post(f"{HERE}{key.pk}/end/", follow=True).content.decode()
        assert ApiKey.objects.get().ended_at
        assert "has ended already" in client.post(f"{HERE}{key.pk}/end/", follow=True).content.decode()

    def test_is_not_there_for_others(self, key, browse, otto, ben, cora):
        for person in (otto, ben, cora):
            assert browse(person).post(f"{HERE}{key.pk}/end/").status_code == 404


class TestOwnership:
    """E34: what a key belongs to, opens and holds is set when it is issued, and by nothing that anybody sends later."""

    FIXED = ("agency_id", "owner_id", "scopes", "digest", "expires_at", "allowed_from")
    CONTENT = (
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json",
        "application/merge-patch+json",
        "application/json-patch+json",
        "text/plain",
        "application/xml",
    )

    def wanted(self, key, harbour, otto) -> dict[str, str]:
        return {
            "agency": str(harbour.pk),
            "agency_id": str(harbour.pk),
            "owner": str(otto.pk),
            "owner_id": str(otto.pk),
        }

    @pytest.mark.parametrize("content", CONTENT)
    def test_e34_is_changed_by_no_method_and_no_content_type(self, content, browse, mia, haven, otto, harbour):
        client = browse(mia)
        client.raise_request_exception = False
        client.post(HERE, {**ASKED, "agency": haven.pk})
        before = ApiKey.objects.values(*self.FIXED).get()
        pk = ApiKey.objects.get().pk
        wanted = self.wanted(pk, harbour, otto)
        if "urlencoded" in content:
            body = urlencode(wanted)
        elif "multipart" in content:
            body = "".join(
                f'--x\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in wanted.items()
            )
            body += "--x--\r\n"
        else:
            body = json.dumps(wanted)
        places = (HERE, f"{HERE}{pk}/", f"{HERE}{pk}/end/", "/api/v1/keys", f"/api/v1/keys/{pk}")
        for method, where in product(("put", "patch", "delete", "post"), places):
            answer = getattr(client, method)(where, body, content_type=content)
            assert answer.status_code in {200, 302, 404, 405, 403}, (method, where)
            assert ApiKey.objects.values(*self.FIXED).get() == before, (method, where)

    def test_e34_is_whoever_issues_it_whatever_they_send(self, browse, mia, haven, otto, harbour):
        more = {"owner": otto.pk, "owner_id": otto.pk, "agency_id": harbour.pk, "digest": "0" * 64, "id": otto.pk}
        browse(mia).post(HERE, {**ASKED, "agency": haven.pk, **more})
        key = ApiKey.objects.get()
        assert (key.owner, key.agency) == (mia, haven)
        assert key.digest != "0" * 64
        assert key.pk != otto.pk
