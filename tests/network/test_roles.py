from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from network import roles
from network.models import Appointment
from tests import factories

pytestmark = pytest.mark.django_db


class TestRights:
    def test_names_only_roles_that_exist(self):
        assert {role for row in roles.RIGHTS.values() for role in row} <= set(Appointment.Role)

    def test_gives_report_readers_nothing_that_writes(self):
        assert {right for right, row in roles.RIGHTS.items() if "reports" in row} == {"figures.read"}

    def test_gives_operators_networks_accounts_people_and_the_post_only(self):
        nouns = {right.partition(".")[0] for right, row in roles.RIGHTS.items() if "operator" in row}
        people = {"account", "people", "runner", "member", "lead", "charter", "heirless", "platform"}
        assert nouns <= {"network", "post", *people}
        assert "operator" not in roles.RIGHTS["charter.record"]


class TestMay:
    def test_reaches_the_own_agency_and_no_other(self, mia, otto, ben, haven):
        assert roles.may(mia, "listing.edit", haven)
        assert not roles.may(otto, "listing.edit", haven)
        assert not roles.may(ben, "listing.edit", haven)

    def test_reaches_the_coordinators_network_and_no_other(self, cora, haven, riverbank, durham, riverside):
        assert roles.may(cora, "listing.edit", haven)
        assert not roles.may(cora, "listing.edit", riverbank)
        assert roles.may(cora, "alert.draft", durham)
        assert not roles.may(cora, "alert.draft", riverside)

    def test_reaches_everywhere_for_the_nation(self, nora, durham, riverside):
        assert roles.may(nora, "alert.draft", durham)
        assert roles.may(nora, "alert.draft", riverside)

    def test_lets_a_lead_draft_for_their_own_network_only(self, mia, durham, riverside):
        assert roles.may(mia, "alert.draft", durham)
        assert not roles.may(mia, "alert.draft", riverside)

    @pytest.mark.parametrize(("who", "questions"), [("mia", 1), ("otto", 1), ("nora", 1), ("cora", 2)])
    def test_asks_the_database_twice_at_most(self, who, questions, request, haven, django_assert_num_queries):
        person = request.getfixturevalue(who)
        with django_assert_num_queries(questions):
            roles.may(person, "listing.edit", haven)


class TestRequire:
    def test_raises_for_who_may_not(self, otto, haven):
        with pytest.raises(PermissionDenied):
            roles.require(otto, "listing.edit", haven)

    def test_refuses_a_right_nobody_wrote_down(self, mia, haven):
        with pytest.raises(KeyError):
            roles.require(mia, "listing.burn", haven)


class TestAppointment:
    @pytest.mark.parametrize("role", ["coordinator", "national", "operator"])
    def test_refuses_a_network_role_in_an_agency(self, role, mia, haven):
        with pytest.raises(IntegrityError), transaction.atomic():
            factories.appoint(mia, role, haven)

    def test_refuses_an_agency_role_in_a_network(self, mia, durham):
        with pytest.raises(IntegrityError), transaction.atomic():
            factories.appoint(mia, "lead", durham)
