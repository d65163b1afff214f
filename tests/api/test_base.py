from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api import base
from api.urls import urlpatterns
from tests.api.conftest import SECRET_PLACE, problem

pytestmark = pytest.mark.django_db
EVERYONE = ("cora", "asha", "mia", "ben", "otto", "nell", "cal", "faye", "dara", "nora", "omar")
LISTS = ("listings", "agencies", "alerts", "councils", "adoptions")
STRANGE = ("depth=3", "fields=owner", "agency__owner__email=x", "ordering=digest", "format=api", "expand=all", "__=1")


def addresses(world) -> list[str]:
    """Every address of the API that may be read, for rows that are there."""
    refuge, council = world["refuge"], world["council"]
    ones = [f"listings/{refuge.pk}", f"listings/{world['network'].pk}", f"agencies/{refuge.agency_id}"]
    ones += [f"alerts/{world[name].reference}" for name in ("open", "withheld")]
    return [f"/api/v1/{place}" for place in (*LISTS, *ones, f"councils/{council.code}", "schema", "docs", "nowhere")]


class TestEveryDoor:
    @pytest.mark.once
    def test_is_in_this_table(self, world):
        named = {pattern.name for pattern in urlpatterns}
        assert named == {
            "listings", "listing", "agencies", "agency", "alerts", "alert", "acknowledge", "councils", "council",
            "adoptions", "schema", "docs", "nowhere",
        }  # fmt: skip

    def test_hides_the_concealed_listing_from_all_but_its_own(self, world, browse, request):
        asked = [f"/api/v1/listings?q={SECRET_PLACE.split()[0]}", "/api/v1/listings?limit=100"]
        told = set()
        for who in EVERYONE:
            client = browse(request.getfixturevalue(who))
            said = "".join(client.get(address).content.decode() for address in (*addresses(world), *asked))
            if any(word in said for word in (*SECRET_PLACE.split(), str(world["refuge"].pk))):
                told.add(who)
        assert told == {"mia", "ben"}

    def test_hides_it_from_every_key_its_own_included(self, world, haven, mia, ottos, issue, call):
        for client in (ottos, call(issue(haven, mia))):
            for address in addresses(world):
                said = client.get(address).content.decode()
                assert not any(word in said for word in SECRET_PLACE.split())

    @pytest.mark.once
    def test_is_closed_to_nobody(self, world):
        for address in addresses(world):
            answer = Client().get(address)
            assert answer.status_code == (302 if address.endswith("docs") else 401), address

    def test_changes_nothing_by_get_or_head(self, world, browse, otto, ottos):
        for client in (browse(otto), ottos):
            for address in addresses(world):
                with CaptureQueriesContext(connection) as asked:
                    client.get(address)
                    client.head(address)
                assert all(query["sql"].lstrip("(").startswith(("SELECT", "WITH here AS")) for query in asked), address

    @pytest.mark.once
    def test_is_stored_nowhere(self, world, ottos):
        for address in addresses(world):
            assert "no-store" in ottos.get(address).get("Cache-Control", "") or address.endswith("docs"), address

    @pytest.mark.once
    def test_takes_no_other_method(self, world, browse, mia):
        client = browse(mia)
        for method in ("post", "put", "patch", "delete", "options", "trace"):
            for address in addresses(world):
                assert getattr(client, method)(address).status_code in {404, 405}, (method, address)

    @pytest.mark.once
    def test_refuses_what_may_not_be_asked_and_says_what_may(self, world, ottos):
        for asked in STRANGE:
            for place in (*LISTS, f"listings/{world['network'].pk}"):
                said = problem(ottos.get(f"/api/v1/{place}?{asked}"), 400)["detail"]
                assert asked.split("=")[0] not in said
                assert "limit" in said or "nothing" in said

    @pytest.mark.once
    def test_refuses_what_makes_no_sense(self, ottos):
        for asked in ("limit=0", "limit=101", "limit=", "limit=x", "after=x", "limit=1&limit=2"):
            problem(ottos.get(f"/api/v1/agencies?{asked}"), 400)

    @pytest.mark.once
    def test_speaks_only_json(self, ottos):
        for wanted in ("text/html", "application/xml", "text/html, */*;q=0.1"):
            answer = ottos.get("/api/v1/agencies", headers={"accept": wanted})
            assert answer["Content-Type"] in {"application/json", "application/problem+json"}

    @pytest.mark.once
    def test_gives_a_machine_a_problem_at_an_address_that_is_none(self, ottos):
        problem(ottos.get("/api/v1/secrets"), 404)


class TestEachReader:
    def test_slows_down_one_reader_and_not_the_next(self, monkeypatch, ottos, browse, otto):
        monkeypatch.setattr(base, "REQUESTS_A_MINUTE", 2)
        codes = [ottos.get("/api/v1/agencies").status_code for _ in range(3)]
        assert codes == [200, 200, 429]
        answer = ottos.get("/api/v1/agencies")
        problem(answer, 429)
        assert 0 <= int(answer["Retry-After"]) <= 60
        assert browse(otto).get("/api/v1/agencies").status_code == 200
