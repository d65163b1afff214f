from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError
from django.utils import timezone

from charter.models import Adoption, Council, Evidence, Framework, Note, Progress
from tests import factories as people
from tests.charter import factories
from tests.conftest import CAST

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@pytest.fixture
def who(request):
    return request.getfixturevalue


def seers(who, rows) -> set[str]:
    return {name for name in CAST if rows.visible_to(who(name)).exists()}


class TestCouncils:
    def test_live_are_those_that_have_begun_and_not_ended(self, db):
        today = timezone.localdate()
        day = dt.timedelta(days=1)
        last_day = factories.CouncilFactory(ends_on=today)
        first_day = factories.CouncilFactory(starts_on=today)
        factories.CouncilFactory(ends_on=today - day)
        factories.CouncilFactory(starts_on=today + day)
        assert set(Council.objects.live()) == {last_day, first_day}

    def test_two_may_not_stand_in_one_cell(self, darlington):
        with pytest.raises(IntegrityError):
            factories.CouncilFactory(hex_q=darlington.hex_q, hex_r=darlington.hex_r)

    def test_are_public(self, who, darlington, elsewhere):
        assert seers(who, Council.objects.filter(pk=elsewhere.pk)) == set(CAST)

    def test_kept_by_is_for_that_councils_charter_officer_only(self, who, darlington, elsewhere):
        keepers = {name for name in CAST if Council.objects.kept_by(who(name)).exists()}
        assert keepers == {"cal"}
        assert Council.objects.kept_by(who("cal")).get() == darlington

    def test_are_found_by_part_of_a_name_or_a_whole_code(self, darlington, elsewhere):
        assert [c.code for c in Council.objects.narrowed(text="arling")] == ["DAL"]
        assert [c.code for c in Council.objects.narrowed(text="exe")] == ["EXE"]
        assert not Council.objects.narrowed(text="da l")


class TestFrameworks:
    def test_current_is_the_latest_that_has_begun(self, db):
        factories.FrameworkFactory(version="1", starts_on=dt.date(2018, 3, 1))
        later = factories.FrameworkFactory(version="2", starts_on=dt.date(2020, 3, 1))
        factories.FrameworkFactory(version="3", starts_on=dt.date(2099, 3, 1))
        assert Framework.objects.current() == later


class TestAdoption:
    def test_is_public(self, who, darlington, framework):
        factories.AdoptionFactory(council=darlington, framework=framework)
        assert seers(who, Adoption.objects) == set(CAST)

    def test_that_was_followed_stays_public(self, who, darlington, framework):
        factories.AdoptionFactory(council=darlington, framework=framework, ended_at=NOW, end=Adoption.End.FOLLOWED)
        assert seers(who, Adoption.objects) == set(CAST)

    def test_that_was_a_mistake_is_for_its_officer_and_the_auditor(self, who, darlington, framework):
        factories.AdoptionFactory(council=darlington, framework=framework, ended_at=NOW, end=Adoption.End.CORRECTED)
        assert seers(who, Adoption.objects) == {"cal", "dara"}

    def test_is_one_at_a_time(self, darlington, framework):
        factories.AdoptionFactory(council=darlington, framework=framework)
        with pytest.raises(IntegrityError):
            factories.AdoptionFactory(council=darlington, framework=framework, kind=Adoption.Kind.OWN)

    def test_cannot_end_without_saying_how(self, darlington, framework):
        with pytest.raises(IntegrityError):
            factories.AdoptionFactory(council=darlington, framework=framework, ended_at=NOW)


class TestProgress:
    def test_shows_the_stage_to_its_officer_and_those_who_oversee(self, who, darlington, promise):
        factories.ProgressFactory(council=darlington, commitment=promise)
        assert seers(who, Progress.objects) == {"cal", "cora", "dara", "nora"}

    def test_of_a_council_in_no_network_is_for_the_nation_only(self, who, darlington, elsewhere, promise):
        factories.ProgressFactory(council=elsewhere, commitment=promise)
        assert seers(who, Progress.objects) == {"nora"}

    def test_is_hidden_from_the_coordinator_of_another_network(self, darlington, promise, riverside):
        factories.ProgressFactory(council=darlington, commitment=promise)
        other = people.person("Rhys Coordinator", "coordinator", riverside)
        assert not Progress.objects.visible_to(other)

    def test_is_hidden_from_an_officer_whose_appointment_has_ended(self, council_agency, darlington, promise):
        row = factories.ProgressFactory(council=darlington, commitment=promise)
        Note.objects.create(progress=row, text="x")
        gone = people.UserFactory()
        people.appoint(gone, "charter", council_agency, until_at=NOW)
        assert not Progress.objects.visible_to(gone)
        assert not Note.objects.visible_to(gone)


class TestNote:
    def test_is_for_its_officer_and_the_auditor_only(self, who, darlington, promise):
        Note.objects.create(progress=factories.ProgressFactory(council=darlington, commitment=promise), text="Slow.")
        assert seers(who, Note.objects) == {"cal", "dara"}


class TestEvidence:
    @pytest.fixture
    def reached(self, darlington, promise):
        return factories.ProgressFactory(council=darlington, commitment=promise)

    def test_private_is_for_its_officer_and_the_auditor_only(self, who, reached):
        factories.EvidenceFactory(progress=reached)
        assert seers(who, Evidence.objects) == {"cal", "dara"}

    def test_published_is_for_everybody(self, who, reached):
        factories.EvidenceFactory(progress=reached, published_at=NOW)
        assert seers(who, Evidence.objects) == set(CAST)

    def test_removed_is_for_nobody_even_if_it_was_published(self, who, reached):
        factories.EvidenceFactory(progress=reached, published_at=NOW, removed_at=NOW)
        assert seers(who, Evidence.objects) == set()
