from __future__ import annotations

import datetime as dt

import pytest
from django.db.models.functions import Now

from accounts.models import User
from delivery import audience as audiences
from delivery.models import Audience
from network.models import Area, Membership
from tests.delivery.factories import audience, leads
from tests.factories import AreaFactory, appoint, join, lapse, person


def names(rule: Audience) -> list[str]:
    return [row.name.split()[0] for row in audiences.named(rule)]


@pytest.fixture
def darlington(council_agency) -> Area:
    place = AreaFactory(name="Darlington")
    council_agency.areas.add(place)
    return place


class TestPeople:
    def test_means_the_leads_of_every_agency_of_the_network_and_nobody_else(
        self, durham, mia, ben, otto, nell, cora, cal
    ):
        assert names(audience(durham)) == ["Otto", "Mia"]

    def test_names_the_reason_in_words(self, durham, mia):
        assert audiences.named(audience(durham))[0].reason == "lead of Haven House"

    def test_means_the_chosen_roles(self, durham, mia, ben, cal):
        rule = audience(durham, roles=["member", "charter"])
        assert [(row.name, row.reason) for row in audiences.named(rule)] == [
            ("Cal Whitfield", "charter officer of Darlington Borough Council"),
            ("Ben Okafor", "member of Haven House"),
        ]

    def test_gives_one_row_to_a_person_with_several_appointments_the_strongest(self, durham, mia, haven, harbour):
        appoint(mia, "deputy", harbour)
        appoint(mia, "member", haven)
        (row,) = audiences.named(audience(durham, roles=["lead", "deputy", "member"]))
        assert (row.role, row.agency) == ("lead", "Haven House")

    def test_falls_back_to_the_weaker_appointment_when_the_stronger_is_outside_the_rule(
        self, durham, mia, haven, harbour
    ):
        appoint(mia, "deputy", harbour)
        (row,) = audiences.named(audience(durham, excluded=[haven], everyone=True))
        assert row.reason == "deputy lead of Harbour Advice"

    def test_chooses_by_kind(self, durham, mia, otto, council_agency):
        person("Dee Lamb", "lead", council_agency)
        assert names(audience(durham, kinds=["council"])) == ["Dee"]

    def test_chooses_by_area_and_says_so(self, durham, mia, darlington, council_agency):
        person("Dee Lamb", "deputy", council_agency)
        (row,) = audiences.named(audience(durham, areas=[darlington]))
        assert row.reason == "deputy lead of Darlington Borough Council, which covers Darlington"

    def test_an_agency_that_covers_the_wider_place_covers_the_area(self, durham, mia, haven, darlington):
        police = AreaFactory(name="Durham police area", kind=Area.Kind.POLICE)
        darlington.within.add(police)
        haven.areas.add(police)
        (row,) = audiences.named(audience(durham, areas=[darlington]))
        assert row.reason == "lead of Haven House, which covers Darlington"

    def test_an_agency_that_covers_a_part_of_the_area_is_meant_too(self, durham, mia, haven, darlington):
        region = AreaFactory(name="North East", kind=Area.Kind.REGION)
        darlington.within.add(region)
        haven.areas.add(darlington)
        (row,) = audiences.named(audience(durham, areas=[region]))
        assert row.reason == "lead of Haven House, which covers part of North East"

    def test_kind_and_area_must_both_hold(self, durham, mia, haven, darlington, council_agency):
        person("Dee Lamb", "lead", council_agency)
        haven.areas.add(darlington)
        assert names(audience(durham, areas=[darlington], kinds=["charity"])) == ["Mia"]

    def test_named_agencies_come_on_top_of_the_rule(self, durham, mia, otto, harbour, darlington, council_agency):
        person("Dee Lamb", "lead", council_agency)
        rule = audience(durham, areas=[darlington], agencies=[harbour])
        assert [row.reason for row in audiences.named(rule)] == [
            "lead of Darlington Borough Council, which covers Darlington",
            "lead of Harbour Advice",
        ]

    def test_excluded_agencies_are_out_even_when_named(self, durham, mia, otto, harbour):
        assert names(audience(durham, agencies=[harbour], excluded=[harbour])) == []

    def test_an_empty_rule_means_nobody(self, durham, mia):
        assert names(audience(durham, everyone=False)) == []

    def test_an_agency_of_another_network_is_never_meant_even_when_named(self, durham, nell, riverbank):
        assert names(audience(durham, agencies=[riverbank])) == []

    @pytest.mark.parametrize("end", ["person", "appointment", "membership", "suspension", "network", "future"])
    def test_only_what_is_live_at_this_moment_counts(self, durham, mia, haven, end):
        past = Now() - dt.timedelta(seconds=1)
        if end == "person":
            User.objects.filter(pk=mia.pk).update(is_active=False, closed_at=Now())
        if end == "appointment":
            mia.appointments.update(until_at=past)
        if end == "future":
            mia.appointments.update(from_at=Now() + dt.timedelta(seconds=60))
        if end == "membership":
            Membership.objects.filter(agency=haven).update(until_at=past)
        if end == "suspension":
            Membership.objects.filter(agency=haven).update(suspended_at=past)
        if end == "network":
            type(durham).objects.filter(pk=durham.pk).update(ended_at=past)
        assert names(audience(durham)) == []

    def test_a_membership_of_another_network_does_not_help(self, durham, riverside, mia, haven):
        join(haven, riverside)
        Membership.objects.filter(agency=haven, network=durham).update(suspended_at=Now())
        assert names(audience(durham)) == []

    def test_leaves_agencies_that_have_not_signed_out_of_what_is_strict(self, durham, mia, otto, haven, harbour):
        rule = audience(durham)
        lapse(haven)
        assert [n.name for n in audiences.named(rule, strict=True)] == ["Otto Lindqvist"]
        assert {n.name for n in audiences.named(rule)} == {"Mia Hughes", "Otto Lindqvist"}
        assert audiences.unsigned(rule) == ["Haven House"]

    def test_reads_a_network_in_one_query_of_any_size(self, durham, darlington, harbour, django_assert_num_queries):
        leads(durham, 10)
        rule = audience(durham, areas=[darlington], kinds=["charity"], agencies=[harbour])
        everyone = audience(durham)
        with django_assert_num_queries(1):
            audiences.named(rule)
        with django_assert_num_queries(1):
            assert len(audiences.named(everyone)) == 10


class TestFingerprint:
    def test_is_the_same_in_any_order_and_another_for_other_people(self, durham, mia, otto):
        found = audiences.named(audience(durham))
        assert audiences.fingerprint(found) == audiences.fingerprint(found[::-1])
        assert audiences.fingerprint(found) != audiences.fingerprint(found[:1])


class TestDescribe:
    def test_says_the_rule_in_words(self, durham, harbour, haven):
        rule = audience(
            durham,
            kinds=["council", "charity"],
            areas=[AreaFactory(name="Darlington")],
            agencies=[harbour],
            excluded=[haven],
        )
        assert audiences.describe(rule) == (
            "Leads and deputy leads of councils and charities and voluntary groups covering Darlington, "
            "and Harbour Advice; not Haven House"
        )

    def test_says_everyone(self, durham, haven):
        assert audiences.describe(audience(durham, everyone=True, excluded=[haven], roles=["member"])) == (
            "Members of all agencies in Durham and Darlington Anti-Slavery Network; not Haven House"
        )

    def test_says_nobody(self, durham):
        assert audiences.describe(audience(durham, everyone=False)) == "Leads and deputy leads of nobody yet"


class TestSave:
    def test_writes_the_rule_down_and_later_replaces_it(self, durham, haven, harbour):
        first = audiences.save(durham, audiences.Choice(kinds=["charity"], agencies=[haven]))
        again = audiences.save(durham, audiences.Choice(everyone=True, excluded=[harbour]), first)
        assert again.pk == first.pk
        assert (again.everyone, again.kinds, again.roles) == (True, [], ["lead", "deputy"])
        assert list(again.agencies.all()) == []
        assert list(again.excluded.all()) == [harbour]
