from __future__ import annotations

import csv
import datetime as dt
import io

import pytest

from charter import register
from charter.models import Adoption, Council
from tests.charter import factories


class TestRows:
    def test_gives_each_council_its_current_decision_in_one_query(
        self, darlington, elsewhere, framework, django_assert_num_queries
    ):
        factories.AdoptionFactory(council=darlington, framework=framework)
        with django_assert_num_queries(1):
            found = register.rows(Council.objects.all(), framework)
        assert [(row["code"], row["kind"]) for row in found] == [("DAL", "this"), ("EXE", "none")]

    def test_ignores_decisions_that_have_ended_and_other_frameworks(self, darlington, framework):
        old = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        factories.AdoptionFactory(council=darlington, framework=framework, ended_at=old, end=Adoption.End.FOLLOWED)
        factories.AdoptionFactory(council=darlington, framework=framework, ended_at=old, end=Adoption.End.CORRECTED)
        factories.AdoptionFactory(council=darlington)
        assert [row["kind"] for row in register.rows(Council.objects.all(), framework)] == ["none"]

    def test_lists_councils_before_any_framework_is_loaded(self, darlington):
        assert [row["kind"] for row in register.rows(Council.objects.all(), None)] == ["none"]


class TestCounts:
    def test_keeps_the_kinds_apart(self, framework):
        for kind, number in zip(Adoption.Kind, (4, 3, 2, 1), strict=True):
            for _ in range(number):
                factories.AdoptionFactory(framework=framework, kind=kind)
        factories.CouncilFactory()
        found = register.counts(register.rows(Council.objects.all(), framework))
        assert [(c.kind, c.number) for c in found] == [
            ("this", 4), ("own", 3), ("inspired", 2), ("referred", 1), ("none", 1),
        ]  # fmt: skip

    def test_names_kinds_that_nobody_chose(self):
        assert [c.number for c in register.counts([])] == [0, 0, 0, 0, 0]


class TestAsCsv:
    def test_writes_what_the_register_says(self, darlington, framework):
        factories.AdoptionFactory(council=darlington, framework=framework, reservations="as far\nas practicable")
        (row,) = csv.DictReader(io.StringIO(register.as_csv(register.rows(Council.objects.all(), framework))))
        assert row["Council"] == "Darlington Borough Council"
        assert row["Adoption"] == "Adopted this charter"
        assert row["Date of the decision"] == "2018-07-18"
        assert row["Reservations"] == "as far\nas practicable"

    def test_names_nobody_who_recorded_it(self, darlington, framework, cal):
        factories.AdoptionFactory(council=darlington, framework=framework, recorded_by=cal)
        assert cal.name not in register.as_csv(register.rows(Council.objects.all(), framework))

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
    def test_disarms_what_a_spreadsheet_would_run(self, darlington, framework, start):
        factories.AdoptionFactory(council=darlington, framework=framework, reservations=f"{start}1+1")
        (row,) = csv.DictReader(io.StringIO(register.as_csv(register.rows(Council.objects.all(), framework))))
        assert row["Reservations"] == f"'{start}1+1"
