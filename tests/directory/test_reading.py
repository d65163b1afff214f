"""The hand-written statement and the rule find the same: for the cast, branch by branch, and in made-up worlds."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from directory import paging
from directory.filters import Counts, Wanted
from directory.models import Contact, Listing, OpeningHours, Share
from directory.reading import Found, Number
from network import standing
from network.models import Agreement, ApiKey, Membership, Network
from tests import factories
from tests.directory.factories import ContactFactory, ListingFactory, OpeningHoursFactory, TermFactory
from tests.directory.test_reasons import WORLDS, build, moment, passing_world
from tests.factories import LONG_AGO

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
QUIET = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def everybody() -> list[Any]:
    """People, also those whose account is closed; keys; nobody."""
    return [*User.objects.exclude(name="Signatory"), *ApiKey.objects.all(), AnonymousUser()]


def by_rule(reader: Any) -> tuple[Any, ...]:
    """What `visible_to` finds: the listings by ID and by name, what may be rung, and when they are open."""
    seen = Listing.objects.visible_to(reader)
    contacts = Contact.objects.visible_to(reader).filter(officer="").exclude(phone="").order_by("-order", "-function")
    spans: dict[Any, int] = {}
    for row in OpeningHours.objects.visible_to(reader):
        spans[row.listing_id] = spans.get(row.listing_id, 0) + 1
    return (
        list(seen.order_by("id").values_list("pk", flat=True)),
        list(seen.order_by("name", "id").values_list("pk", flat=True)),
        seen.count(),
        {row.listing_id: Number(row.function, row.phone) for row in contacts},
        spans,
    )


def by_hand(reader: Any) -> tuple[Any, ...]:
    """What the statement finds."""
    found, every = Found(reader), list(Listing.objects.order_by("pk").values_list("pk", flat=True))
    return (
        [row.id for row in found.by_id(99)],
        [row.id for row in found.by_name(99)],
        found.counts().total,
        found.around(every).numbers,
        {listing: len(spans) for listing, spans in found.around(every).hours.items()},
    )


def assert_agree() -> None:
    for reader in everybody():
        expected = by_rule(reader)
        assert by_hand(reader) == expected, reader
        assert by_hand(standing.of(reader)) == expected, reader


class TestTheCast:
    @pytest.fixture
    def world(self, mia, ben, otto, cal, cora, asha, dara, nora, nell, faye, omar, refuge, harbour, riverbank):  # noqa: PLR0917
        """Every listing with every contact, hours, a share with another network's agency, and a closed account."""
        for listing in (*refuge.values(), ListingFactory(agency=riverbank), ListingFactory(agency=harbour)):
            for n, access in enumerate(reversed(Listing.Access.values)):
                ContactFactory(listing=listing, access=access, function=f"Line {n}", order=n)
            OpeningHoursFactory(listing=listing)
        Share.objects.create(listing=refuge["restricted"], agency=riverbank, accepted_at=LONG_AGO)
        Share.objects.create(listing=refuge["concealed"], agency=harbour, accepted_at=LONG_AGO)
        return refuge

    def test_finds_what_the_rule_finds(self, world):
        assert_agree()

    def test_finds_it_for_keys_with_and_without_the_scope(self, world, haven, riverbank, mia, nell, make_key):
        make_key(haven, mia, ["directory"])
        make_key(riverbank, nell, ["directory", "alerts"])
        make_key(haven, mia, ["alerts"])
        assert_agree()

    @pytest.mark.parametrize("who", ["otto", "nora", "cora", "nell", "cal", "omar"])
    def test_knows_who_a_grant_is_for(self, world, who, mia, give, request):
        person = request.getfixturevalue(who)
        give(world["concealed"], person, by=factories.fresh(mia))
        assert_agree()
        shown = world["concealed"].pk in {row.id for row in Found(person).by_id(99)}
        assert shown is (who in {"otto", "nora", "cora", "nell"})

    def test_forgets_an_ended_grant_and_one_whose_agreement_lapsed(self, world, otto, mia, give, durham):
        give(world["concealed"], otto, by=factories.fresh(mia))
        Agreement.objects.filter(network=durham).update(until_at=moment(-1))
        assert_agree()
        assert world["concealed"].pk not in {row.id for row in Found(otto).by_id(99)}

    @pytest.mark.parametrize(
        "change",
        [
            {"suspended_at": moment(-1)}, {"suspended_at": moment(1)}, {"until_at": moment(-1)},
            {"until_at": moment(1)}, {"from_at": moment(1)}, {"from_at": None},
        ],
        ids=["suspended", "to be suspended", "ended", "to end", "to begin", "joining"],
    )  # fmt: skip
    def test_follows_a_membership(self, world, change, haven, harbour):
        Membership.objects.filter(agency__in=[haven, harbour]).update(**change)
        assert_agree()

    @pytest.mark.parametrize("ended", [-1, 1])
    def test_follows_a_network_to_its_end(self, world, ended, durham):
        Network.objects.filter(pk=durham.pk).update(ended_at=moment(ended))
        assert_agree()

    def test_counts_an_agency_in_two_networks_once(self, world, haven, riverside, nell):
        factories.join(haven, riverside)
        assert_agree()
        assert len(Found(nell).by_id(99)) == len({row.id for row in Found(nell).by_id(99)})

    def test_shares_with_a_network_once_it_is_accepted_and_until_it_ends(self, world, riverside):
        for accepted, until in ((None, None), (LONG_AGO, None), (moment(1), None), (LONG_AGO, moment(-1))):
            Share.objects.all().delete()
            Share.objects.create(listing=world["restricted"], network=riverside, accepted_at=accepted, until_at=until)
            assert_agree()


MORE = st.fixed_dictionaries(
    {
        "suspended": st.lists(st.tuples(st.integers(0, 4), st.sampled_from([-1, 1])), max_size=2),
        "ended": st.lists(st.tuples(st.integers(0, 1), st.sampled_from([-1, 1])), max_size=1),
    }
)


def unsettle(more: dict[str, Any]) -> None:
    """Suspend some agencies, end some networks, and give listings hours."""
    memberships, networks = list(Membership.objects.order_by("pk")), list(Network.objects.order_by("pk"))
    for n, at in more["suspended"]:
        row = memberships[n % len(memberships)]
        Membership.objects.filter(pk=row.pk).update(suspended_at=moment(at))
    for n, at in more["ended"]:
        Network.objects.filter(pk=networks[n].pk).update(ended_at=moment(at))
    for listing in Listing.objects.all():
        OpeningHoursFactory(listing=listing)


class TestMadeUpWorlds:
    @given(told=WORLDS, more=MORE)
    @settings(max_examples=25, deadline=None, suppress_health_check=QUIET)
    def test_find_what_the_rule_finds(self, told, more):
        self.check(told, more)

    @pytest.mark.deep
    @given(told=WORLDS, more=MORE)
    @settings(max_examples=1000, deadline=None, suppress_health_check=QUIET)
    def test_find_what_the_rule_finds_a_thousand_times(self, told, more):
        self.check(told, more)

    @staticmethod
    def check(told: dict[str, Any], more: dict[str, Any]) -> None:
        with passing_world():
            build(told)
            unsettle(more)
            assert_agree()


class TestFound:
    def test_is_one_statement_whoever_asks(self, refuge, otto, mia, haven, make_key, anonymous):
        for reader in (otto, make_key(haven, mia, ["directory"]), anonymous):
            found = Found(reader, Wanted(text="haven", help="bed", kind="charity", open_now=True, taking=True))
            ways = (found.counts, lambda f=found: f.by_name(9), lambda f=found: f.by_id(9))
            for way in ways:
                with CaptureQueriesContext(connection) as asked:
                    way()
                assert len(asked) == 1

    def test_gives_values_of_the_same_kind_on_both_engines(self, haven, mia):
        row = ListingFactory(agency=haven, name="Bed", assured_on=dt.date(2026, 1, 2), not_taking_until=None)
        row.refresh_from_db()
        (found,) = Found(mia).by_name(9)
        assert found == (
            row.pk, "Bed", "", haven.pk, haven.name, haven.kind, row.access, "", None, row.assured_on, row.updated_at,
        )  # fmt: skip

    def test_counts_facets_among_what_the_reader_sees(self, refuge, haven, otto, mia):
        bed = TermFactory(code="bed")
        for listing in refuge.values():
            listing.terms.add(bed)
        assert Found(otto).counts() == Counts(2, {"help:bed": 2}, {haven.kind: 2})
        assert Found(mia).counts() == Counts(4, {"help:bed": 4}, {haven.kind: 4})

    def test_counts_no_further_than_it_says(self, haven, mia, monkeypatch):
        monkeypatch.setattr("directory.reading.MOST_COUNTED", 3)
        ListingFactory.create_batch(6, agency=haven)
        assert Found(mia).counts() == Counts(4)

    def test_finds_nothing_around_no_listing(self, refuge, mia):
        assert Found(mia).around([]) == ({}, {})

    def test_pages_from_either_side_among_equal_names(self, haven, mia):
        ListingFactory.create_batch(60, agency=haven, name="The same")
        whole = [row.id for row in Found(mia).by_name(99)]
        first = paging.page_of(Found(mia))
        second = paging.page_of(Found(mia), after=first.after)
        third = paging.page_of(Found(mia), after=second.after)
        assert [row.id for page in (first, second, third) for row in page.rows] == whole
        assert paging.page_of(Found(mia), before=second.before) == first
        assert third.after is first.before is None

    def test_begins_anew_at_a_row_it_does_not_have(self, refuge, otto):
        found = Found(otto)
        first = paging.page_of(found)
        for way in ("after", "before"):
            assert paging.page_of(found, **{way: refuge["concealed"].pk}) == first


class TestAlone:
    def test_is_the_only_module_that_says_in_sql_who_sees_what(self):
        tables = re.compile(r"\b(network_(appointment|membership|signature)|directory_(share|listinggrant))\b")
        modules = [path for app in ROOT.glob("*/apps.py") for path in app.parent.rglob("*.py")]
        found = {str(path.relative_to(ROOT)) for path in modules if tables.search(path.read_text(encoding="utf-8"))}
        assert {name for name in found if "/migrations/" not in name} == {"directory/reading.py"}
