from __future__ import annotations

import datetime as dt

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from network.models import Agency, Appointment, Membership, Network
from tests import factories

pytestmark = pytest.mark.django_db


def soon() -> dt.datetime:
    return timezone.now() + dt.timedelta(hours=1)


def just_now() -> dt.datetime:
    return timezone.now() - dt.timedelta(seconds=1)


class TestNetworks:
    def test_shows_each_person_their_own_network_only(self, mia, nell, faye, dara, durham, riverside, anonymous):
        for person in (mia, faye, dara):
            assert list(Network.objects.visible_to(person)) == [durham]
        assert list(Network.objects.visible_to(nell)) == [riverside]
        assert not Network.objects.visible_to(anonymous).exists()

    def test_shows_all_to_the_nation_and_to_operators(self, nora, omar, durham, riverside):
        for person in (nora, omar):
            assert set(Network.objects.visible_to(person)) == {durham, riverside}


class TestAgencies:
    def test_hides_the_other_network(self, nell, cora, otto, haven, harbour, riverbank):
        assert set(Agency.objects.visible_to(nell)) == {riverbank}
        assert set(Agency.objects.visible_to(cora)) == {haven, harbour}
        assert set(Agency.objects.visible_to(otto)) == {haven, harbour}

    def test_shows_no_rows_to_report_readers_and_operators(self, faye, omar, haven):
        assert not Agency.objects.visible_to(faye).exists()
        assert not Agency.objects.visible_to(omar).exists()

    def test_reaches_both_networks_of_an_agency_in_two(self, otto, harbour, riverside, riverbank, haven):
        factories.join(harbour, riverside)
        assert set(Agency.objects.visible_to(otto)) == {haven, harbour, riverbank}


class TestWhatEndsARight:
    """Each of these takes effect at that moment, by the database's clock, with no job run."""

    def sees(self, person: User) -> bool:
        return Agency.objects.visible_to(person).exists()

    def test_begins_with_everything_in_force(self, otto):
        assert self.sees(otto)

    def test_the_end_of_the_appointment(self, otto):
        Appointment.objects.filter(person=otto).update(until_at=just_now())
        assert not self.sees(otto)

    def test_an_appointment_that_has_not_begun(self, otto):
        Appointment.objects.filter(person=otto).update(from_at=soon())
        assert not self.sees(otto)

    def test_an_end_still_to_come_changes_nothing(self, otto):
        Appointment.objects.filter(person=otto).update(until_at=soon())
        assert self.sees(otto)

    def test_the_person_being_deactivated_even_while_signed_in(self, otto):
        User.objects.filter(pk=otto.pk).update(is_active=False, closed_at=Now())
        assert not self.sees(otto)

    def test_the_end_of_the_agencys_membership(self, otto, harbour):
        Membership.objects.filter(agency=harbour).update(until_at=just_now())
        assert not self.sees(otto)

    def test_the_agency_being_suspended(self, otto, harbour):
        Membership.objects.filter(agency=harbour).update(suspended_at=just_now())
        assert not self.sees(otto)

    def test_the_end_of_the_network(self, otto, cora, durham):
        Network.objects.filter(pk=durham.pk).update(ended_at=just_now())
        assert not self.sees(otto)
        assert not self.sees(cora)


class TestPeople:
    def test_shows_the_people_of_ones_own_networks(self, otto, mia, cora, nell, omar, anonymous):
        assert set(User.objects.visible_to(otto)) == {otto, mia, cora}
        assert set(User.objects.visible_to(nell)) == {nell}
        everyone = set(User.objects.visible_to(omar))
        assert {otto, mia, cora, nell, omar} <= everyone == set(User.objects.all())
        assert not User.objects.visible_to(anonymous).exists()

    def test_shows_report_readers_only_themselves(self, faye, mia):
        assert set(User.objects.visible_to(faye)) == {faye}


class TestSeveralRoles:
    def test_add_up_and_never_take_away(self, nell, riverbank, haven, durham):
        before = set(Agency.objects.visible_to(nell))
        factories.appoint(nell, "member", haven)
        assert set(Agency.objects.visible_to(nell)) == before | {haven}
