from __future__ import annotations

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from charter.models import Adoption, Council, Evidence, Note, Progress
from tests.charter import factories
from tests.conftest import CAST

NOW = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
REGISTER = "/charter/"
ANSWERS = {
    "kind": "own",
    "decided_on_day": "18",
    "decided_on_month": "7",
    "decided_on_year": "2018",
    "meeting": "Full council",
    "minutes_url": "https://council.example/minutes",
    "reservations": "",
}


def text_of(response) -> str:
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def queries(client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as found:
        assert client.get(address).status_code == 200
    return len(found)


class TestRegister:
    @pytest.mark.parametrize("name", CAST)
    def test_is_open_to_everybody(self, request, browse, name, darlington, framework):
        factories.AdoptionFactory(council=darlington, framework=framework)
        page = text_of(browse(request.getfixturevalue(name)).get(REGISTER))
        assert "Darlington Borough Council" in page
        assert "Adopted this charter" in page

    def test_says_each_count_and_no_sum(self, client, framework):
        for kind, number in (("this", 21), ("own", 32), ("inspired", 0), ("referred", 0)):
            for _ in range(number):
                factories.AdoptionFactory(framework=framework, kind=kind)
        factories.CouncilFactory.create_batch(3)
        page = text_of(client.get(REGISTER))
        figures = [part.split("<")[0] for part in page.split('lantern-figure">')[1:]]
        assert figures == ["21", "32", "0", "0", "3"]
        assert "of 56 councils" in page
        assert "53" not in page.split("</h1>")[1].split("<table")[0]

    def test_narrows_by_place_name_and_kind(self, client, darlington, elsewhere, framework):
        factories.AdoptionFactory(council=darlington, framework=framework)
        for query in ("region=North+East", "text=darl", "kind=this", "text=DAL"):
            rows = client.get(f"{REGISTER}?{query}").context["rows"]
            assert [row["code"] for row in rows] == ["DAL"], query
        for query in ("kind=none", "text=EXE"):
            assert [row["code"] for row in client.get(f"{REGISTER}?{query}").context["rows"]] == ["EXE"]
        assert not client.get(f"{REGISTER}?nation=Wales").context["rows"]

    def test_lists_councils_with_a_decision_first_and_all_when_asked(self, client, darlington, elsewhere, framework):
        factories.AdoptionFactory(council=darlington, framework=framework)
        first = client.get(REGISTER)
        assert [row["code"] for row in first.context["rows"]] == ["DAL"]
        assert "of 2 councils" in text_of(first)
        assert text_of(first).count('<use href="#hexagon"') == 2
        link = re.search(r'href="([^"]+)">Show all 2 councils', text_of(first))[1]
        every = client.get(link)
        assert [row["code"] for row in every.context["rows"]] == ["DAL", "EXE"]
        assert "Show all" not in text_of(every)

    def test_says_so_while_no_decision_is_recorded(self, client, darlington):
        page = text_of(client.get(REGISTER))
        assert "No decision is recorded yet" in page
        assert "Show all councils" in page

    def test_leaves_out_former_councils_unless_asked(self, client, darlington):
        Council.objects.update(ends_on=dt.date(2020, 3, 31))
        assert "No council matches" in text_of(client.get(REGISTER))
        assert "ended 31 March 2020" in text_of(client.get(f"{REGISTER}?former=on"))

    def test_ignores_a_choice_that_does_not_exist(self, client, darlington):
        page = text_of(client.get(f"{REGISTER}?nation=Narnia"))
        assert "There is a problem" in page
        assert "Darlington Borough Council" in page

    def test_draws_one_hexagon_a_council_and_counts_those_without(self, client, darlington, elsewhere, framework):
        factories.CouncilFactory(kind=Council.Kind.COUNTY, tier=Council.Tier.UPPER)
        factories.AdoptionFactory(council=darlington, framework=framework, kind=Adoption.Kind.REFERRED)
        page = text_of(client.get(REGISTER))
        assert page.count('<use href="#hexagon"') == 2
        assert "<title>Darlington: Referred for a further decision</title>" in page
        assert "1 council has no hexagon" in page

    def test_asks_as_many_queries_for_many_as_for_few(self, client, cal, browse, darlington, framework):
        few = queries(client, REGISTER), queries(browse(cal), REGISTER)
        for _ in range(12):
            factories.AdoptionFactory(framework=framework)
        assert (queries(client, REGISTER), queries(browse(cal), REGISTER)) == few

    def test_may_be_kept_by_caches_only_when_nobody_is_signed_in(self, client, browse, otto, darlington):
        assert "public" in client.get(REGISTER)["Cache-Control"]
        assert "Cookie" in client.get(REGISTER)["Vary"]
        assert "private" in browse(otto).get(REGISTER)["Cache-Control"]

    def test_leads_the_officer_to_their_record(self, browse, cal, otto, darlington):
        assert "Keep the record of Darlington" in text_of(browse(cal).get(REGISTER))
        assert "Keep the record" not in text_of(browse(otto).get(REGISTER))

    def test_changes_nothing_and_takes_no_post(self, client, darlington):
        assert client.post(REGISTER).status_code == 405


class TestRegisterCsv:
    def test_holds_the_rows_that_the_page_shows(self, client, darlington, elsewhere, framework):
        factories.AdoptionFactory(council=darlington, framework=framework, meeting="=cmd|' /C calc'!A0")
        response = client.get("/charter/register.csv?kind=this")
        lines = response.content.decode("utf-8-sig").splitlines()
        assert len(lines) == 2
        assert len(client.get("/charter/register.csv").content.splitlines()) == 3
        assert "'=cmd" in lines[1]
        assert "attachment" in response["Content-Disposition"]


class TestCouncil:
    @pytest.fixture
    def address(self, darlington):
        return reverse("charter:council", args=["DAL"])

    def test_says_that_silence_proves_nothing(self, client, address):
        page = text_of(client.get(address))
        assert "No adoption is recorded." in page
        assert "That does not mean there is none." in page

    def test_answers_404_for_a_code_nobody_has(self, client, db):
        assert client.get("/charter/councils/XXX/").status_code == 404

    @pytest.mark.parametrize("name", ["anonymous", "nell", "otto", "mia", "asha", "faye", "omar"])
    def test_shows_public_facts_only(self, request, browse, name, address, darlington, framework, promise, cal):
        factories.AdoptionFactory(council=darlington, framework=framework, recorded_by=cal)
        reached = factories.ProgressFactory(council=darlington, commitment=promise, stage="in_place", recorded_by=cal)
        Note.objects.create(progress=reached, text="Our procurement lead is leaving.")
        factories.EvidenceFactory(progress=reached, title="Draft action plan")
        factories.EvidenceFactory(progress=reached, title="Published statement", published_at=NOW)
        page = text_of(browse(request.getfixturevalue(name)).get(address))
        assert "Adopted this charter" in page
        assert "Published statement" in page
        for private in ("Draft action plan", "In place", "procurement lead", cal.name):
            assert private not in page

    def test_shows_the_coordinator_the_stage_but_no_note(self, browse, cora, address, darlington, promise):
        reached = factories.ProgressFactory(council=darlington, commitment=promise, stage="in_place")
        Note.objects.create(progress=reached, text="Our procurement lead is leaving.")
        factories.EvidenceFactory(progress=reached, title="Draft action plan")
        page = text_of(browse(cora).get(address))
        assert "In place" in page
        assert "procurement lead" not in page
        assert "Draft action plan" not in page

    def test_keeps_earlier_decisions_and_hides_mistakes(self, client, address, darlington, framework):
        told = {"council": darlington, "framework": framework, "ended_at": NOW}
        factories.AdoptionFactory(**told, kind="referred", end="followed")
        factories.AdoptionFactory(**told, kind="inspired", end="corrected")
        factories.AdoptionFactory(council=darlington, framework=framework, decided_on=dt.date(2020, 1, 9))
        page = text_of(client.get(address))
        assert "Earlier decisions" in page
        assert "Referred for a further decision" in page
        assert "inspired" not in page

    def test_links_a_former_council_with_what_followed_it(self, client, framework):
        old = factories.CouncilFactory(code="OLD", short_name="Oldham Vale", ends_on=dt.date(2019, 3, 31))
        new = factories.CouncilFactory(code="NEW", short_name="Newvale")
        old.successors.add(new)
        factories.AdoptionFactory(council=old, framework=framework)
        assert "Newvale Council" in text_of(client.get("/charter/councils/OLD/"))
        page = text_of(client.get("/charter/councils/NEW/"))
        assert "adopted this charter, 18 July 2018" in page
        assert "No adoption is recorded." in page

    def test_asks_as_many_queries_for_a_full_record_as_for_an_empty_one(
        self, client, browse, cal, address, darlington, framework
    ):
        few = queries(client, address), queries(browse(cal), address)
        for number in range(4):
            told = {"council": darlington, "framework": framework, "ended_at": NOW, "end": "followed"}
            factories.AdoptionFactory(**told)
            row = factories.ProgressFactory(
                council=darlington, commitment=factories.CommitmentFactory(framework=framework, number=number)
            )
            factories.EvidenceFactory(progress=row, published_at=NOW)
            factories.CouncilFactory(ends_on=dt.date(2019, 3, 31)).successors.add(darlington)
        assert (queries(client, address), queries(browse(cal), address)) == few


class TestRecord:
    ADDRESSES = ("record/", "adoption/", "adoption/check/", "commitments/1/", "commitments/1/evidence/")

    @pytest.mark.parametrize("name", [name for name in CAST if name not in {"cal", "anonymous"}])
    def test_is_closed_to_everybody_else(self, request, browse, name, darlington, promise):
        client = browse(request.getfixturevalue(name))
        for address in self.ADDRESSES:
            assert client.get(f"/charter/councils/DAL/{address}").status_code == 403
            assert client.post(f"/charter/councils/DAL/{address}", ANSWERS).status_code in {403, 405}
        assert not Adoption.objects.exists()

    def test_sends_nobody_to_sign_in(self, client, darlington, promise):
        for address in self.ADDRESSES:
            assert client.get(f"/charter/councils/DAL/{address}").status_code == 302

    def test_lists_each_commitment_with_its_stage(self, browse, cal, darlington, framework, promise):
        factories.CommitmentFactory(framework=framework, number=2, title="Query low tenders")
        factories.ProgressFactory(council=darlington, commitment=promise, stage="reviewed")
        page = text_of(browse(cal).get("/charter/councils/DAL/record/"))
        assert "The 2 commitments" in page
        assert page.index("1. Train procurement staff") < page.index("In place and reviewed")
        assert page.index("2. Query low tenders") < page.index("Not started")

    def test_asks_as_many_queries_for_ten_commitments_as_for_one(self, browse, cal, darlington, framework, promise):
        client = browse(cal)
        few = queries(client, "/charter/councils/DAL/record/")
        for number in range(2, 11):
            factories.CommitmentFactory(framework=framework, number=number)
        assert queries(client, "/charter/councils/DAL/record/") == few


class TestAdoption:
    ADDRESS = "/charter/councils/DAL/adoption/"

    @pytest.fixture
    def officer(self, browse, cal, darlington, framework):
        return browse(cal)

    def test_is_saved_only_after_the_answers_were_checked(self, officer, client):
        checking = officer.post(self.ADDRESS, ANSWERS)
        assert checking["Location"].endswith("/adoption/check/")
        assert not Adoption.objects.exists()
        page = text_of(officer.get(checking["Location"]))
        assert "Adopted its own charter" in page
        assert "18 July 2018" in page
        assert "Not provided" in page
        officer.post(checking["Location"])
        assert Adoption.objects.get().kind == "own"
        assert "Adopted its own charter" in text_of(client.get(REGISTER))

    def test_is_saved_once_when_pressed_twice(self, officer):
        officer.post(self.ADDRESS, ANSWERS)
        officer.post(f"{self.ADDRESS}check/")
        assert officer.post(f"{self.ADDRESS}check/").status_code == 302
        assert Adoption.objects.count() == 1

    def test_keeps_the_answers_when_one_goes_back_to_change_them(self, officer):
        officer.post(self.ADDRESS, ANSWERS)
        page = text_of(officer.get(self.ADDRESS))
        assert 'value="2018"' in page
        assert 'value="Full council"' in page

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"kind": ""}, "Select what the council decided"),
            ({"decided_on_year": ""}, "must include a year"),
            ({"decided_on_month": "13"}, "must be a real date"),
            ({"minutes_url": "http://council.example/"}, "starts with https://"),
        ],
    )
    def test_says_what_to_put_right(self, officer, wrong, said):
        page = text_of(officer.post(self.ADDRESS, ANSWERS | wrong))
        assert "There is a problem" in page
        assert said in page

    def test_refuses_a_day_to_come_on_the_check_page(self, officer):
        year = str(timezone.localdate().year + 1)
        officer.post(self.ADDRESS, ANSWERS | {"decided_on_year": year})
        page = text_of(officer.post(f"{self.ADDRESS}check/"))
        assert "today or in the past" in page
        assert not Adoption.objects.exists()

    def test_can_be_corrected(self, officer, client, darlington, framework):
        factories.AdoptionFactory(council=darlington, framework=framework, kind="this")
        assert officer.get(f"{self.ADDRESS}correct/").context["form"]["kind"].value() == "this"
        officer.post(f"{self.ADDRESS}correct/", ANSWERS)
        officer.post(f"{self.ADDRESS}check/")
        assert {(row.kind, row.end) for row in Adoption.objects.all()} == {("own", ""), ("this", "corrected")}
        assert "Earlier decisions" not in text_of(client.get("/charter/councils/DAL/"))

    def test_cannot_be_corrected_before_it_is_recorded(self, officer):
        assert officer.get(f"{self.ADDRESS}correct/").status_code == 404

    def test_can_be_removed_after_a_question(self, officer, client, darlington, framework):
        factories.AdoptionFactory(council=darlington, framework=framework)
        assert "recorded by mistake?" in text_of(officer.get(f"{self.ADDRESS}remove/"))
        assert Adoption.objects.filter(ended_at=None).exists()
        officer.post(f"{self.ADDRESS}remove/")
        assert "No adoption is recorded." in text_of(client.get("/charter/councils/DAL/"))


class TestCommitment:
    ADDRESS = "/charter/councils/DAL/commitments/1/"

    @pytest.fixture
    def officer(self, browse, cal, darlington, promise):
        return browse(cal)

    def test_is_saved_and_returns_to_the_list(self, officer):
        answer = {"stage": "started", "note": "Half way."}
        assert officer.post(self.ADDRESS, answer)["Location"] == "/charter/councils/DAL/record/"
        assert "Half way." in text_of(officer.get(self.ADDRESS))

    def test_answers_404_for_a_number_that_is_not_there(self, officer):
        assert officer.get("/charter/councils/DAL/commitments/11/").status_code == 404

    def test_gains_evidence_that_can_be_published_and_removed(self, officer, client):
        link = {"title": "Tender template", "url": "https://council.example/t"}
        officer.post(f"{self.ADDRESS}evidence/", link)
        assert "Tender template" not in text_of(client.get("/charter/councils/DAL/"))
        row = Evidence.objects.get()
        officer.post(f"/charter/evidence/{row.pk}/publish/")
        assert "Tender template" in text_of(client.get("/charter/councils/DAL/"))
        officer.post(f"/charter/evidence/{row.pk}/remove/")
        assert "Tender template" not in text_of(officer.get(self.ADDRESS))

    def test_takes_no_other_change_and_no_get(self, officer, darlington, promise):
        row = factories.EvidenceFactory(progress=factories.ProgressFactory(council=darlington, commitment=promise))
        assert officer.post(f"/charter/evidence/{row.pk}/explode/").status_code == 404
        assert officer.get(f"/charter/evidence/{row.pk}/publish/").status_code == 405
        assert Evidence.objects.get().published_at is None

    def test_hides_private_evidence_from_otto_and_refuses_him_what_is_public(self, browse, otto, darlington, promise):
        reached = factories.ProgressFactory(council=darlington, commitment=promise, stage=Progress.Stage.STARTED)
        private = factories.EvidenceFactory(progress=reached)
        public = factories.EvidenceFactory(progress=reached, published_at=NOW)
        client = browse(otto)
        assert client.post(f"/charter/evidence/{private.pk}/remove/").status_code == 404
        assert client.post(f"/charter/evidence/{public.pk}/remove/").status_code == 403
        assert Evidence.objects.filter(removed_at=None).count() == 2
