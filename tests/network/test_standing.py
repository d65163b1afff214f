"""The ready-made sets hold what the sets of `network.visibility` hold, in every state a world can be in."""

from __future__ import annotations

import datetime as dt
import itertools
import random

import pytest
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from network import prepared, standing, visibility
from network.models import Agency, ApiKey, Appointment, Membership, Network
from network.visibility import INSIDERS, RUNNERS, STAFF, Role
from tests import factories

CHOICES = ((*INSIDERS,), (*STAFF,), (*RUNNERS,), (Role.AUDITOR,), (*INSIDERS, *RUNNERS), (Role.NATIONAL,))


def ids(model, chosen) -> set:
    return set(model.objects.filter(pk__in=chosen).values_list("pk", flat=True))


@pytest.fixture
def world(db):
    """Agencies in several networks, some ended, suspended or not begun; people with every kind of appointment."""
    now, pick = timezone.now(), random.Random(20261122)
    past, future = now - dt.timedelta(days=1), now + dt.timedelta(days=1)
    networks = [factories.NetworkFactory(ended_at=end) for end in (None, None, None, None, past, future)]
    agencies = [factories.AgencyFactory() for _ in range(12)]
    for network, agency in itertools.product(networks, agencies):
        if pick.random() < 0.4:
            Membership.objects.create(
                network=network,
                agency=agency,
                from_at=pick.choice([factories.LONG_AGO, factories.LONG_AGO, future]),
                until_at=pick.choice([None, None, None, future + dt.timedelta(days=2)]),
                suspended_at=pick.choice([None, None, None, past]),
            )
    people = [factories.UserFactory(is_active=n % 6 != 5) for n in range(24)]
    for person in people:
        for _ in range(pick.randint(0, 2)):
            role = pick.choice([*Role.values, *INSIDERS, *INSIDERS])
            scope = pick.choice(agencies) if role in Appointment.AGENCY_ROLES else None
            scope = pick.choice(networks) if role in Appointment.NETWORK_ROLES else scope
            dates = {"from_at": pick.choice([factories.LONG_AGO, factories.LONG_AGO, future])}
            ends = pick.choice([None, None, past if dates["from_at"] < past else None, future + dt.timedelta(days=2)])
            factories.appoint(person, role, scope, **dates, until_at=ends)
    return people, agencies


class TestSets:
    @pytest.mark.parametrize("roles", CHOICES, ids=str)
    def test_hold_what_they_stand_for(self, world, roles):
        people, _ = world
        for reader in (*people, AnonymousUser()):
            own = visibility.own_networks(reader, roles)
            assert ids(Agency, standing.own_agencies(reader, *roles)) == ids(
                Agency, visibility.own_agencies(reader, roles)
            )
            runs = visibility.run_networks(reader, roles)
            assert ids(Network, standing.run_networks(reader, *roles)) == ids(Network, runs)
            assert ids(Agency, standing.overseen(reader, *roles)) == ids(Agency, visibility.members_of(runs))
            networks = ids(Network, standing.agency_networks(reader, *roles)) | ids(Network, runs)
            assert networks == ids(Network, own)
            beside = ids(Agency, standing.colleagues(reader, *roles)) | ids(Agency, visibility.members_of(runs))
            assert beside == ids(Agency, visibility.members_of(own))

    @pytest.mark.parametrize("roles", CHOICES, ids=str)
    def test_asked_at_once_are_the_same(self, world, roles):
        people, _ = world
        for reader in (*people, AnonymousUser()):
            here = standing.of(reader)
            assert here.agencies(*roles) == ids(Agency, visibility.own_agencies(reader, roles))
            own = visibility.own_networks(reader, roles)
            assert here.networks(*roles) == ids(Network, own)
            assert ids(Agency, standing.members_of(here.networks(*roles))) == ids(Agency, visibility.members_of(own))
            assert here.holds(*roles) == visibility.appointments(reader, roles).exists()

    @pytest.mark.parametrize("role", [Role.NATIONAL, Role.OPERATOR])
    def test_know_the_roles_of_the_platform(self, world, role):
        people, agencies = world
        for reader in people:
            everything = Agency.objects.filter(prepared.any_of(standing.platform_roles(reader, role))).count()
            assert everything == (
                len(agencies) if Agency.objects.filter(visibility.holds(reader, role)).exists() else 0
            )

    def test_of_a_key_are_those_of_its_agency(self, world):
        people, agencies = world
        for agency in agencies:
            key = ApiKey(agency=agency, owner=people[0])
            assert ids(Agency, standing.colleagues(key)) == ids(
                Agency, visibility.members_of(visibility.own_networks(key))
            )
            assert ids(Network, standing.agency_networks(key)) == ids(Network, visibility.own_networks(key))
            here = standing.of(key)
            assert here.networks() == ids(Network, visibility.own_networks(key))
            assert not here.agencies(*STAFF)
            assert not here.holds(*Role.values)
            assert not ids(Agency, standing.own_agencies(key, *STAFF))
            assert not ids(Network, standing.run_networks(key, *RUNNERS))

    def test_are_not_the_last_readers(self, world):
        people, _ = world
        answers = [ids(Agency, standing.colleagues(person, *INSIDERS)) for person in people]
        assert len({frozenset(answer) for answer in answers}) > 3
        assert answers == [ids(Agency, standing.colleagues(person, *INSIDERS)) for person in people]
