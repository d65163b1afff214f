from __future__ import annotations

import uuid

import pytest

from directory.models import Listing
from tests.api.conftest import SECRET_PLACE, names, problem
from tests.directory.factories import ContactFactory, ListingFactory, OpeningHoursFactory, TermFactory
from tests.factories import AreaFactory

pytestmark = pytest.mark.django_db


def moment(answer) -> set[tuple[str, str]]:
    """The header that tells when it was answered, to the second."""
    return {("Expires", answer["Expires"])}


class TestListings:
    def test_gives_each_person_what_they_may_see(self, listings, browse, request):
        of_haven = {"Haven public advice", "Haven network advice", "Haven restricted advice"}
        seen = {
            "mia": of_haven | {SECRET_PLACE},
            "ben": of_haven | {SECRET_PLACE},
            "otto": {"Haven public advice", "Haven network advice"},
            "cora": of_haven,
            "asha": {"Haven public advice", "Haven network advice"},
            "nell": {"Haven public advice", "Riverbank advice"},
            "faye": {"Haven public advice"},
            "omar": {"Haven public advice"},
        }
        people = {who: request.getfixturevalue(who) for who in seen}
        assert {who: names(browse(person).get("/api/v1/listings")) for who, person in people.items()} == seen

    def test_gives_exactly_what_visible_to_gives(self, listings, browse, mia, otto, cora, nell, dara, nora):
        for person in (mia, otto, cora, nell, dara, nora):
            answer = browse(person).get("/api/v1/listings").json()["results"]
            expected = {str(pk) for pk in Listing.objects.visible_to(person).values_list("pk", flat=True)}
            assert {row["id"] for row in answer} == expected

    def test_gives_a_key_what_its_agency_may_see(self, listings, ottos):
        assert names(ottos.get("/api/v1/listings")) == {"Haven public advice", "Haven network advice"}

    def test_gives_the_refuges_own_key_no_concealed_listing(self, listings, haven, mia, issue, call):
        assert SECRET_PLACE not in names(call(issue(haven, mia)).get("/api/v1/listings"))

    def test_narrows_by_words_kind_help_people_and_area(self, listings, haven, browse, otto):
        area = AreaFactory(name="Darlington", gss="E06000005")
        terms = [TermFactory(code="housing"), TermFactory(kind="people", code="children")]
        ListingFactory(agency=haven, name="Nightingale", terms=terms, areas=[area])
        client = browse(otto)
        for asked in ("q=nighting", "help=housing", "for=children", "area=e06000005"):
            assert names(client.get(f"/api/v1/listings?{asked}")) == {"Nightingale"}, asked
        assert not names(client.get("/api/v1/listings?kind=police"))

    def test_finds_no_hidden_word(self, listings, browse, otto):
        assert not names(browse(otto).get("/api/v1/listings?q=Zaffre"))

    def test_pages_by_the_last_row(self, listings, haven, browse, otto):
        ListingFactory.create_batch(7, agency=haven)
        client, address, seen = browse(otto), "/api/v1/listings?limit=3", []
        while address:
            page = client.get(address).json()
            assert len(page["results"]) <= 3
            seen += [row["id"] for row in page["results"]]
            address = page["next"]
        assert len(seen) == len(set(seen)) == 9

    def test_goes_on_the_same_way_after_a_hidden_row_and_an_absent_one(self, listings, browse, otto):
        client = browse(otto)
        hidden = client.get(f"/api/v1/listings?after={listings['refuge'].pk}").json()["results"]
        absent = client.get(f"/api/v1/listings?after={uuid.UUID(int=listings['refuge'].pk.int + 1)}").json()["results"]
        assert hidden == absent

    def test_costs_the_same_for_many_rows_as_for_few(
        self, listings, haven, ottos, django_assert_max_num_queries, django_assert_num_queries
    ):
        with django_assert_max_num_queries(3) as few:
            ottos.get("/api/v1/listings")
        ListingFactory.create_batch(20, agency=haven)
        with django_assert_num_queries(len(few)):
            ottos.get("/api/v1/listings")


class TestOneListing:
    def test_gives_hours_terms_and_functions_to_reach(self, listings, browse, otto, nora, dara):
        listing = listings["network"]
        listing.terms.add(TermFactory(code="housing"))
        OpeningHoursFactory(listing=listing)
        ContactFactory(listing=listing, function="Duty desk")
        ContactFactory(listing=listing, function="Manager", officer="Jo Bloggs", email="jo@haven.example")
        answer = browse(otto).get(f"/api/v1/listings/{listing.pk}")
        facts = answer.json()
        assert facts["help"] == ["housing"]
        assert facts["hours"] == [{"weekday": 0, "opens": "09:00:00", "closes": "17:00:00"}]
        assert [(row["function"], row["officer"]) for row in facts["contacts"]] == [
            ("Duty desk", ""),
            ("Manager", "Jo Bloggs"),
        ]
        for reader in (browse(nora, factor="stale"), browse(dara)):
            assert b"loggs" not in reader.get(f"/api/v1/listings/{listing.pk}").content

    @pytest.mark.parametrize(("scopes", "named"), [(("directory",), False), (("directory", "contacts"), True)])
    def test_e37_names_an_officer_to_a_key_with_the_scope_only(
        self, scopes, named, listings, call, issue, harbour, otto
    ):
        """On no route: the rule is the model's, not the endpoint's."""
        listing = listings["network"]
        ContactFactory(listing=listing, function="Manager", officer="Jo Bloggs", email="jo@haven.example")
        client = call(issue(harbour, otto, *scopes))
        pages = [
            client.get(f"/api/v1/{where}").content
            for where in (f"listings/{listing.pk}", "listings", "listings?q=bloggs", f"agencies/{listing.agency_id}")
        ]
        assert (b"Jo Bloggs" in pages[0], b"jo@haven.example" in pages[0]) == (named, named)
        assert not any(b"loggs" in page for page in pages[1:])

    def test_names_no_officer_to_a_key_of_another_network(self, listings, call, issue, riverbank, nell):
        listing = listings["public"]
        ContactFactory(listing=listing, function="Manager", officer="Jo Bloggs", email="jo@haven.example")
        answer = call(issue(riverbank, nell)).get(f"/api/v1/listings/{listing.pk}")
        assert answer.status_code == 200
        assert b"loggs" not in answer.content

    def test_refuses_a_hidden_row_and_an_absent_one_in_the_same_words(self, listings, browse, otto, ottos):
        for client in (browse(otto), ottos):
            hidden = client.get(f"/api/v1/listings/{listings['refuge'].pk}")
            absent = client.get(f"/api/v1/listings/{uuid.uuid4()}")
            assert problem(hidden, 404) == problem(absent, 404)
            assert hidden.headers.items() - moment(hidden) == absent.headers.items() - moment(absent)

    def test_costs_the_same_with_many_parts_as_with_few(
        self, listings, ottos, django_assert_max_num_queries, django_assert_num_queries
    ):
        listing = listings["network"]
        with django_assert_max_num_queries(9) as few:
            ottos.get(f"/api/v1/listings/{listing.pk}")
        ContactFactory.create_batch(5, listing=listing)
        OpeningHoursFactory.create_batch(5, listing=listing)
        with django_assert_num_queries(len(few)):
            ottos.get(f"/api/v1/listings/{listing.pk}")


class TestAgencies:
    def test_hides_the_other_network(self, listings, browse, nell, otto, ottos, faye):
        assert names(browse(nell).get("/api/v1/agencies")) == {"Riverbank Support"}
        durham = {"Haven House", "Harbour Advice", "Darlington Borough Council"}
        assert names(browse(otto).get("/api/v1/agencies")) == names(ottos.get("/api/v1/agencies")) == durham
        assert names(browse(faye).get("/api/v1/agencies")) == set()

    def test_narrows_by_kind(self, listings, ottos):
        assert names(ottos.get("/api/v1/agencies?kind=council")) == {"Darlington Borough Council"}

    def test_gives_one_with_its_places(self, listings, haven, ottos, riverbank):
        haven.areas.add(AreaFactory(name="Darlington"))
        assert ottos.get(f"/api/v1/agencies/{haven.pk}").json()["areas"] == ["Darlington"]
        problem(ottos.get(f"/api/v1/agencies/{riverbank.pk}"), 404)
