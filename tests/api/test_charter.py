from __future__ import annotations

import pytest

from charter.models import Adoption
from tests.api.conftest import problem
from tests.charter.factories import AdoptionFactory, CouncilFactory

pytestmark = pytest.mark.django_db


class TestCouncils:
    def test_gives_all_of_them_in_order_and_page_by_page(self, ottos):
        made = sorted(council.code for council in CouncilFactory.create_batch(5))
        address, seen = "/api/v1/councils?limit=2", []
        while address:
            page = ottos.get(address).json()
            seen += [row["code"] for row in page["results"]]
            address = page["next"]
        assert seen == made

    def test_narrows_by_nation_region_and_kind(self, ottos):
        CouncilFactory(code="W1", nation="Wales", region="Wales", kind="WPA")
        CouncilFactory(code="E1")
        for asked in ("nation=Wales", "region=Wales", "kind=WPA"):
            answer = ottos.get(f"/api/v1/councils?{asked}").json()
            assert [row["code"] for row in answer["results"]] == ["W1"]

    def test_gives_one(self, ottos):
        CouncilFactory(code="E1")
        assert ottos.get("/api/v1/councils/E1").json()["code"] == "E1"
        problem(ottos.get("/api/v1/councils/E2"), 404)


class TestAdoptions:
    def test_gives_each_decision_with_its_kind_and_no_total(self, ottos):
        for kind in Adoption.Kind:
            AdoptionFactory(kind=kind)
        answer = ottos.get("/api/v1/adoptions").json()
        assert set(answer) == {"results", "next"}
        assert [row["kind"] for row in answer["results"]] == Adoption.Kind.values

    def test_narrows_by_kind_and_council(self, ottos):
        own, this = AdoptionFactory(kind="own"), AdoptionFactory(kind="this")
        for asked in ("kind=own", f"council={own.council.code}"):
            assert [row["id"] for row in ottos.get(f"/api/v1/adoptions?{asked}").json()["results"]] == [str(own.pk)]
        assert str(this.pk) not in ottos.get("/api/v1/adoptions?kind=own").content.decode()

    def test_keeps_who_recorded_it(self, ottos, cal):
        AdoptionFactory(recorded_by=cal)
        assert b"Whitfield" not in ottos.get("/api/v1/adoptions").content
