from __future__ import annotations

import datetime as dt
import hashlib
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from audit.models import Entry
from network import actions, keys
from network.models import ApiKey

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue(haven, mia):
    def issued(**other):
        usual = {"agency": haven, "name": "Case system", "scopes": ["directory"], "by": mia}
        return actions.issue_key(**{**usual, "expires_at": timezone.now() + dt.timedelta(days=30), **other})

    return issued


class TestIssueKey:
    def test_returns_a_secret_and_keeps_only_its_digest(self, issue, mia):
        key, secret = issue()
        assert re.fullmatch(r"lan_[A-Za-z0-9_-]{43}", secret)
        row = ApiKey.objects.values().get()
        assert row["digest"] == hashlib.sha256(secret.encode()).hexdigest()
        assert secret not in str(row)
        assert keys.holding(secret) == key
        assert key.owner == mia

    def test_leaves_one_entry_without_the_secret(self, issue, haven):
        _key, secret = issue()
        entry = Entry.objects.get()
        assert (entry.verb, entry.agency_id) == ("key.issue", haven.pk)
        assert secret not in str(entry.details)

    def test_gives_each_key_its_own_secret(self, issue):
        assert issue()[1] != issue()[1]

    @pytest.mark.parametrize("who", ["ben", "otto", "nell", "cora", "asha", "cal", "faye", "dara", "nora", "omar"])
    def test_is_for_leads_of_the_agency_only(self, who, issue, request):
        with pytest.raises(PermissionDenied):
            issue(by=request.getfixturevalue(who))

    @pytest.mark.parametrize(
        "wrong",
        [
            {"name": " "},
            {"name": "x" * 81},
            {"scopes": []},
            {"scopes": ["everything"]},
            {"expires_at": timezone.now() - dt.timedelta(seconds=1)},
            {"expires_at": timezone.now() + dt.timedelta(days=367)},
        ],
    )
    def test_refuses_what_makes_no_sense(self, wrong, issue):
        with pytest.raises(ValidationError):
            issue(**wrong)
        assert not ApiKey.objects.exists()


class TestEndKey:
    def test_ends_it_once(self, issue, mia):
        key, secret = issue()
        assert actions.end_key(key=key, by=mia).ended_at
        assert keys.holding(secret) is None
        with pytest.raises(ValidationError):
            actions.end_key(key=key, by=mia)
        assert Entry.objects.filter(verb="key.end").count() == 1

    @pytest.mark.parametrize("who", ["ben", "otto", "nell", "cora", "omar"])
    def test_is_for_leads_of_the_agency_only(self, who, issue, request):
        with pytest.raises(PermissionDenied):
            actions.end_key(key=issue()[0], by=request.getfixturevalue(who))
