from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import re

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models.functions import Now
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

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
            {"allowed_from": ["somewhere"]},
            {"allowed_from": ["192.0.2.5/24"]},
            {"allowed_from": ["192.0.2.0/33"]},
            {"allowed_from": ["0.0.0.0/0"]},
            {"allowed_from": ["::/0"]},
            {"allowed_from": ["::ffff:0.0.0.0/96"]},
            {"allowed_from": [""]},
            {"allowed_from": [f"192.0.2.{n}" for n in range(21)]},
        ],
    )
    def test_refuses_what_makes_no_sense(self, wrong, issue):
        with pytest.raises(ValidationError):
            issue(**wrong)
        assert not ApiKey.objects.exists()

    def test_keeps_each_network_once_in_one_form(self, issue):
        written = ["192.0.2.10", "2001:DB8:0::/48", "192.0.2.10/32", "::ffff:198.51.100.0/120"]
        assert issue(allowed_from=written)[0].allowed_from == ["192.0.2.10/32", "2001:db8::/48", "198.51.100.0/24"]


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


class TestHolding:
    def test_e41_finds_none_one_second_after_its_end(self, issue, haven):
        """By the database's clock, with nothing running that tidies up."""
        key, secret = issue()
        ApiKey.objects.update(expires_at=Now() + dt.timedelta(seconds=1))
        assert keys.holding(secret) == key
        ApiKey.objects.update(expires_at=Now() - dt.timedelta(seconds=1))
        assert keys.holding(secret) is None
        assert ApiKey.objects.get().ended_at is None

    def test_asks_one_question(self, issue, django_assert_num_queries):
        secret = issue()[1]
        keys.holding(secret)
        with django_assert_num_queries(1):
            keys.holding(secret)
        with django_assert_num_queries(1):
            assert keys.holding("lan_nothing") is None

    def test_notes_its_use_once_an_hour(self, issue):
        key, secret = issue()
        assert key.last_used_at is None
        keys.holding(secret)
        first = ApiKey.objects.get().last_used_at
        assert timezone.now() - first < dt.timedelta(minutes=1)
        keys.holding(secret)
        assert ApiKey.objects.get().last_used_at == first
        ApiKey.objects.update(last_used_at=Now() - dt.timedelta(minutes=61))
        keys.holding(secret)
        assert ApiKey.objects.get().last_used_at >= first

    def test_notes_no_use_that_was_refused(self, issue):
        key, secret = issue(allowed_from=["192.0.2.0/24"])
        assert keys.holding(secret, address="198.51.100.1") is None
        assert keys.holding(secret) is None
        assert ApiKey.objects.get().last_used_at is None
        assert keys.holding(secret, address="192.0.2.7") == key
        assert ApiKey.objects.get().last_used_at


class TestMayComeFrom:
    @pytest.mark.parametrize(
        ("allowed", "address", "answer"),
        [
            ([], "192.0.2.1", True),
            ([], None, True),
            (["192.0.2.0/24"], "192.0.2.255", True),
            (["192.0.2.0/24"], "192.0.3.0", False),
            (["192.0.2.0/24"], " 192.0.2.1 ", True),
            (["192.0.2.0/24"], "::ffff:192.0.2.1", True),
            (["192.0.2.0/24"], "::ffff:c000:201", True),
            (["192.0.2.0/24"], "::192.0.2.1", False),
            (["::ffff:192.0.2.0/120"], "192.0.2.1", True),
            (["2001:db8::/32"], "2001:db8:1::1", True),
            (["2001:db8::/32"], "2001:db9::1", False),
            (["2001:db8::/32"], "192.0.2.1", False),
            (["192.0.2.0/24", "2001:db8::/32"], "2001:db8::1", True),
            (["192.0.2.0/24"], None, False),
            (["192.0.2.0/24"], "", False),
            (["192.0.2.0/24"], "unknown", False),
            (["192.0.2.0/24"], "192.0.2.1:443", False),
            (["192.0.2.0/24"], "192.0.2.01", False),
            (["192.0.2.0/24"], "3221225985", False),
            (["192.0.2.0/24", "rubbish"], "192.0.2.1", False),
            (["rubbish"], "192.0.2.1", False),
            ([None], "192.0.2.1", False),
            (None, "192.0.2.1", False),
            ({}, "192.0.2.1", False),
            ("", "192.0.2.1", False),
            ("192.0.2.0/24", "192.0.2.1", False),
        ],
    )
    def test_opens_inside_the_networks_and_closes_on_what_it_cannot_read(self, allowed, address, answer):
        assert keys.may_come_from(allowed, address) is answer

    @given(address=st.text(max_size=40), allowed=st.lists(st.text(max_size=20), min_size=1, max_size=3))
    def test_never_breaks_and_never_opens_by_rubbish(self, address, allowed):
        assert keys.may_come_from([*allowed, "rubbish"], address) is False

    @given(address=st.ip_addresses(v=4), bits=st.integers(1, 32))
    def test_takes_an_ipv4_address_for_itself_however_it_is_written(self, address, bits):
        network = str(ipaddress.ip_network(f"{address}/{bits}", strict=False))
        assert keys.may_come_from([network], str(address))
        assert keys.may_come_from([network], f"::ffff:{address}")
