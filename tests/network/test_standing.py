from __future__ import annotations

import datetime as dt

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db.models.functions import Now
from django.utils import timezone

from network import standing
from network.models import ApiKey, Membership
from network.standing import KEY, Standing
from network.visibility import INSIDERS, RUNNERS, STAFF, Role
from tests import factories

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
SECOND = dt.timedelta(seconds=1)


def join(agency, network):
    """Make the agency a member since long ago."""
    return factories.join(agency, network)


def end(row, at):
    """Make the row end at this moment, which may be past."""
    type(row).objects.filter(pk=row.pk).update(from_at=factories.LONG_AGO, until_at=at)


@pytest.fixture
def network():
    return factories.NetworkFactory()


@pytest.fixture
def agency(network):
    found = factories.AgencyFactory()
    join(found, network)
    return found


@pytest.fixture
def person():
    return factories.UserFactory()


@pytest.fixture
def lead(person, agency):
    factories.appoint(person, "lead", agency)
    return person


class TestOf:
    def test_tells_role_agency_and_network_in_one_query(self, lead, agency, network, django_assert_num_queries):
        with django_assert_num_queries(1):
            here = standing.of(lead)
        assert here == Standing(person=lead.pk, rows=(("lead", agency.pk, network.pk, True),))

    def test_finds_a_standing_without_asking(self, lead, django_assert_num_queries):
        here = standing.of(lead)
        with django_assert_num_queries(0):
            assert standing.of(here) is here

    def test_finds_nobody_without_asking(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert standing.of(AnonymousUser()) == Standing()

    def test_asks_anew_each_time(self, lead, agency):
        assert standing.of(lead).holds("lead")
        end(lead.appointments.get(), Now())
        assert not standing.of(lead).rows

    def test_tells_each_network_of_an_agency(self, lead, agency, network):
        other = factories.NetworkFactory()
        join(agency, other)
        assert standing.of(lead).networks("lead") == {network.pk, other.pk}
        assert standing.of(lead).agencies("lead") == {agency.pk}

    def test_tells_two_agencies_apart_by_role(self, lead, agency, network):
        second, elsewhere = factories.AgencyFactory(), factories.NetworkFactory()
        join(second, elsewhere)
        factories.appoint(lead, "charter", second)
        here = standing.of(lead)
        assert (here.agencies("lead"), here.networks("lead")) == ({agency.pk}, {network.pk})
        assert (here.agencies("charter"), here.networks("charter")) == ({second.pk}, {elsewhere.pk})
        assert here.agencies(*INSIDERS) == {agency.pk, second.pk}

    @pytest.mark.parametrize("role", ["coordinator", "approver", "reports", "auditor"])
    def test_tells_a_role_in_a_network(self, role, person, network, agency):
        factories.appoint(person, role, network)
        assert standing.of(person).rows == ((role, None, network.pk, True),)

    @pytest.mark.parametrize("role", ["national", "operator"])
    def test_tells_a_role_of_the_platform(self, role, person, network):
        factories.appoint(person, role)
        here = standing.of(person)
        assert here.rows == ((role, None, None, True),)
        assert here.holds(role)
        assert not here.networks(role)
        assert not here.agencies(role)


class TestWhatDoesNotCount:
    @pytest.mark.parametrize("ago", [SECOND, DAY])
    def test_an_appointment_that_ended(self, lead, ago):
        end(lead.appointments.get(), Now() - ago)
        assert not standing.of(lead).rows

    def test_an_appointment_to_come(self, lead):
        lead.appointments.update(from_at=Now() + SECOND * 60)
        assert not standing.of(lead).rows

    def test_an_appointment_that_will_end_still_counts(self, lead):
        end(lead.appointments.get(), Now() + SECOND * 60)
        assert standing.of(lead).holds("lead")

    @pytest.mark.parametrize("role", ["lead", "coordinator", "national"])
    def test_a_closed_account(self, role, person, agency, network):
        factories.appoint(person, role, {"lead": agency, "coordinator": network}.get(role))
        assert standing.of(person).holds(role)
        person.is_active, person.closed_at = False, timezone.now()
        person.save()
        assert not standing.of(person).rows

    @pytest.mark.parametrize("ago", [SECOND, DAY])
    def test_a_membership_that_ended(self, lead, agency, ago):
        end(agency.memberships.get(), Now() - ago)
        assert not standing.of(lead).rows

    def test_a_membership_to_come(self, lead, agency):
        agency.memberships.update(from_at=Now() + SECOND * 60)
        assert not standing.of(lead).rows

    def test_a_suspended_agency(self, lead, agency):
        agency.memberships.update(suspended_at=Now())
        assert not standing.of(lead).rows

    @pytest.mark.parametrize("ago", [SECOND, DAY])
    def test_a_network_that_ended(self, lead, network, ago):
        factories.appoint(lead, "coordinator", network)
        type(network).objects.filter(pk=network.pk).update(ended_at=Now() - ago)
        assert not standing.of(lead).rows

    def test_a_network_that_will_end_still_counts(self, lead, network):
        type(network).objects.filter(pk=network.pk).update(ended_at=Now() + SECOND * 60)
        assert standing.of(lead).networks("lead") == {network.pk}

    def test_only_the_membership_that_is_suspended(self, lead, agency, network):
        """What is said of one membership is not mixed with what is said of another."""
        other = factories.NetworkFactory()
        join(agency, other)
        Membership.objects.filter(network=network).update(suspended_at=Now())
        assert standing.of(lead).networks("lead") == {other.pk}
        Membership.objects.filter(network=other).update(until_at=Now())
        assert not standing.of(lead).rows


class TestJoining:
    @pytest.fixture(autouse=True)
    def joining(self, agency):
        agency.memberships.update(from_at=None)

    def test_reaches_its_own_agency_and_no_network(self, lead, agency):
        assert standing.of(lead).rows == (("lead", agency.pk, None, False),)

    def test_is_no_member_yet(self, network):
        assert not standing.members_of({network.pk}).exists()

    def test_ends_with_the_network(self, lead, network):
        network.ended_at = Now()
        network.save()
        assert not standing.of(lead).rows

    def test_ends_when_it_is_given_up(self, lead, agency):
        agency.memberships.update(until_at=Now())
        assert not standing.of(lead).rows

    def test_goes_beside_a_membership_elsewhere(self, lead, agency):
        other = factories.NetworkFactory()
        join(agency, other)
        assert standing.of(lead).networks("lead") == {other.pk}
        assert standing.of(lead).agreed.networks("lead") == {other.pk}


class TestAgreed:
    def test_is_what_the_agency_signed_for(self, lead, agency, network):
        assert standing.of(lead).agreed == standing.of(lead)
        factories.lapse(agency)
        assert standing.of(lead).networks("lead") == {network.pk}
        assert not standing.of(lead).agreed.rows

    @pytest.mark.parametrize("what", ["lapsed", "to come", "another network's"])
    def test_is_an_agreement_of_this_network_in_force(self, what, lead, agency, network):
        if what == "lapsed":
            network.agreements.update(until_at=Now())
        if what == "to come":
            network.agreements.update(from_at=Now() + SECOND * 60)
        if what == "another network's":
            network.agreements.update(network=factories.NetworkFactory(), version=2)
        assert not standing.of(lead).agreed.rows

    def test_counts_any_version_still_in_force(self, lead, network):
        network.agreements.update(until_at=Now() + SECOND * 60)
        network.agreements.create(version=2, title="New", text="New.", from_at=Now() - SECOND)
        assert standing.of(lead).agreed.rows

    def test_asks_nothing_of_who_runs_the_network(self, person, network):
        factories.appoint(person, "coordinator", network)
        network.agreements.update(until_at=Now())
        assert standing.of(person).agreed.networks("coordinator") == {network.pk}

    def test_is_told_apart_by_network(self, lead, agency, network):
        other = factories.NetworkFactory()
        join(agency, other)
        factories.lapse(agency)
        factories.sign(agency, other)
        here = standing.of(lead)
        assert (here.networks("lead"), here.agreed.networks("lead")) == ({network.pk, other.pk}, {other.pk})
        assert not here.agreed.within(network.pk).rows


class TestFresh:
    def test_is_a_factor_given_just_now(self, lead):
        assert not standing.of(lead).fresh
        assert standing.of(factories.fresh(lead)).fresh
        lead.factor_at = timezone.now() - dt.timedelta(minutes=10, seconds=1)
        assert not standing.of(lead).fresh


class TestThePast:
    """Rows keep their dates, so that one can ask who stood where."""

    def test_is_answered_by_the_dates(self, lead, agency, network):
        began = timezone.now() - DAY * 10
        lead.appointments.update(from_at=began, until_at=began + DAY)
        stood = [standing.of(lead, at=began + DAY * part).rows for part in (-0.1, 0, 0.5, 1, 2)]
        assert [bool(rows) for rows in stood] == [False, True, True, False, False]

    def test_knows_memberships_suspensions_networks_and_closed_accounts(self, lead, agency, network):
        now = timezone.now()
        agency.memberships.update(suspended_at=now - DAY)
        assert standing.of(lead, at=now - DAY * 2).rows
        assert not standing.of(lead, at=now).rows
        agency.memberships.update(suspended_at=None)
        type(network).objects.filter(pk=network.pk).update(ended_at=now - DAY)
        assert standing.of(lead, at=now - DAY * 2).rows
        assert not standing.of(lead, at=now).rows
        type(network).objects.filter(pk=network.pk).update(ended_at=None)
        type(lead).objects.filter(pk=lead.pk).update(is_active=False, closed_at=now - DAY)
        assert standing.of(lead, at=now - DAY * 2).rows
        assert not standing.of(lead, at=now).rows

    def test_knows_what_was_signed(self, lead, agency, network):
        now = timezone.now()
        agency.signatures.update(signed_at=now - DAY)
        assert not standing.of(lead, at=now - DAY * 2).agreed.rows
        assert standing.of(lead, at=now).agreed.rows

    def test_has_no_fresh_factor(self, lead):
        assert not standing.of(factories.fresh(lead), at=timezone.now()).fresh


class TestOfEveryone:
    def test_is_the_standing_of_each(self, lead, agency, network, django_assert_num_queries):
        other = factories.person("Zed Other", "coordinator", network)
        factories.UserFactory()
        with django_assert_num_queries(1):
            found = standing.of_everyone()
        assert found == {person.pk: standing.of(person) for person in (lead, other)}


class TestKey:
    @pytest.fixture
    def key(self, lead, agency):
        return ApiKey.objects.create(
            agency=agency, owner=lead, name="a key", digest="d", expires_at=timezone.now() + DAY
        )

    def test_stands_in_its_agency_without_a_role(self, key, agency, network, django_assert_num_queries):
        with django_assert_num_queries(1):
            here = standing.of(key)
        assert (here.person, here.key) == (None, key)
        assert (here.agencies(KEY), here.networks(KEY)) == ({agency.pk}, {network.pk})

    def test_counts_only_in_a_rule_that_names_keys(self, key):
        here = standing.of(key)
        assert not here.holds(*Role.values)
        assert not here.agencies(*INSIDERS, *STAFF)
        assert not here.networks(*INSIDERS, *RUNNERS)

    def test_stands_nowhere_once_its_agency_is_suspended(self, key, agency):
        agency.memberships.update(suspended_at=Now())
        assert not standing.of(key).rows


class TestMembersOf:
    def test_holds_live_members_of_these_networks(self, agency, network):
        stranger, late = factories.AgencyFactory(), factories.AgencyFactory()
        join(stranger, factories.NetworkFactory())
        join(late, network)
        late.memberships.update(suspended_at=Now())
        assert set(standing.members_of({network.pk}).values_list("agency", flat=True)) == {agency.pk}

    def test_holds_none_of_no_network(self, agency):
        assert not standing.members_of(set())
