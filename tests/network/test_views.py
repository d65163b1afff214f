from __future__ import annotations

import re

import pytest

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
