from __future__ import annotations

import csv
import io
import re

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from audit import checker, sealing, trail
from audit.models import Entry, Seal
from audit.views import PAGE
from tests.api.conftest import SECRET_PLACE
from tests.directory.factories import ListingFactory
from tests.factories import appoint

pytestmark = pytest.mark.django_db
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


@pytest.fixture
def deeds(haven, harbour, riverbank, mia, otto, nell, durham, cora):
    trail.record("agency.edit", haven, by=mia, fields=["website"])
    trail.record("agency.edit", harbour, by=otto)
    trail.record("agency.edit", riverbank, by=nell)
    trail.record("alert.release", durham, by=cora, people=84, sheet="5f" * 32)
    listing = ListingFactory(agency=haven, name=SECRET_PLACE, access="concealed")
    trail.record("listing.edit", listing, by=mia)


def results(answer) -> str:
    """What stands beside the filter."""
    return answer.content.decode().split("govuk-grid-column-two-thirds")[1].split("<footer")[0]


class TestTrail:
    @pytest.mark.parametrize(
        ("who", "shown", "hidden"),
        [
            ("dara", ["Mia Hughes", "Otto Lindqvist", "Cora Bell", "edited a listing"], ["Nell Price"]),
            ("cora", ["Mia Hughes", "Otto Lindqvist", "Cora Bell"], ["Nell Price", "edited a listing"]),
            ("mia", ["Mia Hughes", "edited a listing"], ["Otto Lindqvist", "Cora Bell", "Nell Price"]),
            ("otto", ["Otto Lindqvist"], ["Mia Hughes", "Cora Bell", "edited a listing"]),
            ("nell", ["Nell Price"], ["Mia Hughes", "Otto Lindqvist", "edited a listing"]),
            ("nora", ["Mia Hughes", "Nell Price", "Cora Bell"], ["edited a listing"]),
            ("faye", ["No entries"], ["Mia Hughes", "Cora Bell"]),
            ("omar", ["No entries"], ["Mia Hughes", "Cora Bell"]),
        ],
    )
    def test_shows_each_as_far_as_they_may(self, who, shown, hidden, deeds, browse, request):
        # The deeds alone: the menu and the filter hold words of their own.
        page = results(browse(request.getfixturevalue(who)).get("/audit/"))
        assert all(words in page for words in shown)
        assert not any(words in page for words in hidden)
        assert SECRET_PLACE not in page

    def test_shows_counts_but_no_fingerprints(self, deeds, browse, dara):
        page = browse(dara).get("/audit/").content.decode()
        assert "people: 84" in page
        assert "5f5f" not in page

    @pytest.mark.parametrize(
        ("asked", "shown", "hidden"),
        [
            ("verb=alert.release", "Cora Bell", "Otto Lindqvist"),
            ("kind=network.network", "Cora Bell", "Otto Lindqvist"),
            ("person={otto}", "Otto Lindqvist", "Cora Bell"),
            ("agency={harbour}", "Otto Lindqvist", "Cora Bell"),
            ("network={durham}", "Cora Bell", "Otto Lindqvist"),
            ("subject=network.agency:{harbour}", "Otto Lindqvist", "Cora Bell"),
            ("until=1+1+2020", "No entries", "Cora Bell"),
            ("since=1+1+2020", "Cora Bell", "No entries"),
            ("person={nell}", "No entries", "Nell Price"),
            ("agency={riverbank}", "No entries", "Nell Price"),
        ],
    )
    def test_narrows(self, asked, shown, hidden, deeds, browse, dara, request):
        names = ("otto", "nell", "harbour", "riverbank", "durham")
        names = {name: request.getfixturevalue(name).pk for name in names if f"{{{name}}}" in asked}
        page = results(browse(dara).get(f"/audit/?{asked.format(**names)}"))
        assert shown in page
        assert hidden not in page

    def test_narrows_to_whole_days_here(self, haven, browse, dara):
        """A deed half an hour after midnight in London, in summer, is on the day before in Greenwich."""
        Entry.objects.create(
            verb="agency.edit", subject_type="x", subject_id="1", at="2026-06-30T23:30Z", agency_id=haven.pk
        )
        client = browse(dara)
        assert "No entries" not in results(client.get("/audit/?since=1+7+2026&until=1+7+2026"))
        assert "No entries" in results(client.get("/audit/?until=30+6+2026"))

    def test_offers_only_whom_and_what_one_watches_over(self, deeds, browse, dara, mia, otto, omar):
        page = browse(dara).get("/audit/").content.decode()
        assert "Otto Lindqvist</option>" in page
        assert "Harbour Advice</option>" in page
        assert "Nell Price" not in page
        assert "Riverbank" not in page
        page = browse(mia).get("/audit/").content.decode()
        assert "Otto Lindqvist" not in page
        assert "Harbour" not in page
        page = browse(omar).get("/audit/").content.decode()
        assert '<select name="verb"' in page
        assert not any(f'<select name="{name}"' in page for name in ("person", "agency", "network"))

    def test_finds_the_deeds_of_who_has_left(self, deeds, browse, dara, otto):
        otto.appointments.update(until_at=Now())
        page = browse(dara).get(f"/audit/?person={otto.pk}").content.decode()
        assert "Otto Lindqvist</option>" in page
        assert "edited an agency" in results(browse(dara).get(f"/audit/?person={otto.pk}"))

    def test_begins_anew_when_the_filter_is_applied(self, deeds, browse, dara):
        newest = Entry.objects.order_by("-pk").values_list("pk", flat=True)[0]
        page = browse(dara).get(f"/audit/?before={newest}").content.decode()
        assert 'name="before"' not in page

    @pytest.mark.parametrize("who", ["mia", "cora", "asha", "dara", "nora", "cal"])
    def test_shows_the_newest_seal(self, who, deeds, browse, request):
        client = browse(request.getfixturevalue(who))
        assert "Sealed up to" not in client.get("/audit/").content.decode()
        sealing.sweep()
        page = client.get("/audit/").content.decode()
        assert "seal number 1" in page
        assert Seal.objects.get().fingerprint in page

    @pytest.mark.parametrize("who", ["ben", "omar", "faye"])
    def test_shows_no_seal_to_others(self, who, deeds, browse, request):
        sealing.sweep()
        assert "Sealed up to" not in browse(request.getfixturevalue(who)).get("/audit/").content.decode()

    @pytest.mark.parametrize(
        "asked",
        [
            *("since=yesterday", "since=31+12+9999", "until=1+1+0001", "before=x", "before=-1", f"before={10**30}"),
            *("verb=no.such", "kind=no.such", "person=x", "agency=x", "network=1", "subject=x", "subject=a:b'--"),
        ],
    )
    def test_explains_what_it_cannot_read(self, asked, browse, dara):
        assert "There is a problem" in browse(dara).get(f"/audit/?{asked}").content.decode()

    def test_turns_pages_and_costs_the_same(self, haven, browse, dara, mia, django_assert_num_queries):
        client = browse(dara)
        for number in range(3):
            trail.record("agency.edit", haven, by=mia, number=number)
        # Session, person, roles and helplines; what to filter by (4); entries and the newest seal.
        with django_assert_num_queries(9):
            client.get("/audit/")
        for number in range(3, PAGE + 3):
            trail.record("agency.edit", haven, by=mia, number=number)
        with django_assert_num_queries(9):
            first = client.get("/audit/").content.decode()
        assert f"number: {PAGE + 2}" in first
        oldest = Entry.objects.order_by("-id")[PAGE - 1].pk
        assert f"?before={oldest}" in first
        second = client.get(f"/audit/?before={oldest}").content.decode()
        assert "number: 2" in second
        assert f"number: {PAGE + 2}" not in second
        assert "Newest entries" in second


class TestEntry:
    def test_says_all_that_is_known(self, deeds, browse, dara, otto, harbour):
        found = Entry.objects.get(actor_id=otto.pk)
        client = browse(dara)
        page = client.get(f"/audit/{found.pk}/").content.decode()
        for words in ("Otto Lindqvist", "edited an agency", "agency Harbour Advice", str(harbour.pk), "Not yet"):
            assert words in page
        sealing.sweep()
        page = client.get(f"/audit/{found.pk}/").content.decode()
        assert "under seal 1" in page
        assert f"?person={otto.pk}" in page
        assert f"?subject=network.agency:{harbour.pk}" in page

    @pytest.mark.parametrize("who", ["mia", "ben", "nell", "faye", "omar", "asha"])
    def test_is_not_there_for_who_may_not_read_it(self, who, deeds, browse, otto, request):
        found = Entry.objects.get(actor_id=otto.pk)
        client = browse(request.getfixturevalue(who))
        hidden, absent = client.get(f"/audit/{found.pk}/"), client.get("/audit/999999999/")
        assert hidden.status_code == absent.status_code == 404
        assert TOKEN.sub("", hidden.content.decode()) == TOKEN.sub("", absent.content.decode())

    def test_says_of_a_concealed_thing_that_it_happened_and_not_what_it_is_called(self, deeds, browse, dara, cora):
        """E12: a log is as private as what it speaks of."""
        found = Entry.objects.get(verb="listing.edit")
        page = browse(dara).get(f"/audit/{found.pk}/").content.decode()
        assert "edited a listing" in page
        assert SECRET_PLACE not in page
        assert browse(cora).get(f"/audit/{found.pk}/").status_code == 404

    def test_costs_the_same_for_each(self, deeds, browse, dara, django_assert_num_queries):
        sealing.sweep()
        client = browse(dara)
        for pk in Entry.objects.visible_to(dara).values_list("pk", flat=True):
            with django_assert_num_queries(10):
                client.get(f"/audit/{pk}/")


class TestSheet:
    def rows(self, client, **asked) -> list[list[str]]:
        answer = client.post("/audit/entries.csv", asked)
        assert answer.status_code == 200
        assert answer["Content-Disposition"].startswith("attachment")
        return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode())))

    @pytest.mark.parametrize("who", ["dara", "cora", "mia", "otto", "nell", "nora", "ben", "faye", "omar"])
    def test_holds_what_the_page_shows(self, who, deeds, browse, request):
        """E12, field by field: the sheet goes by the page's rule."""
        person = request.getfixturevalue(who)
        rows = self.rows(browse(person))
        shown = Entry.objects.visible_to(person).exclude(verb="trail.download").order_by("-pk")
        assert [row[-1] for row in rows[1:]] == [str(pk) for pk in shown.values_list("pk", flat=True)]
        assert SECRET_PLACE not in str(rows)
        assert "5f5f" not in str(rows)

    def test_goes_by_the_same_filter(self, deeds, browse, dara):
        rows = self.rows(browse(dara), verb="alert.release")
        assert [row[1:4] for row in rows[1:]] == [["Cora Bell", "released an alert", "network"]]

    def test_is_itself_entered(self, deeds, browse, mia, haven):
        self.rows(browse(mia), verb="agency.edit")
        entry = Entry.objects.get(verb="trail.download")
        assert (entry.actor_id, entry.agency_id, entry.details) == (mia.pk, haven.pk, {"entries": 1})

    def test_holds_no_formula(self, haven, browse, mia):
        for name in ("=1+1", "+44", "-2", "@SUM(A1)", "\t=1", " =1+1"):
            haven.name = name
            trail.record("agency.edit", haven, by=mia)
        names = [row[4] for row in self.rows(browse(mia))[1:]]
        assert len(names) == 6
        assert all(name.startswith("'") for name in names)

    def test_is_all_of_them_and_not_a_page(self, haven, browse, mia, monkeypatch):
        monkeypatch.setattr("audit.exports.CHUNK", 7)
        for number in range(PAGE + 10):
            trail.record("agency.edit", haven, by=mia, number=number)
        rows = self.rows(browse(mia))
        assert [row[6] for row in rows[1:]] == [f"number: {n}" for n in reversed(range(PAGE + 10))]

    def test_stops_at_so_many(self, haven, browse, mia, monkeypatch):
        monkeypatch.setattr("audit.actions.MOST_ROWS", 5)
        for number in range(9):
            trail.record("agency.edit", haven, by=mia, number=number)
        assert len(self.rows(browse(mia))) == 6

    def test_explains_what_it_cannot_read(self, browse, dara):
        assert "There is a problem" in browse(dara).post("/audit/entries.csv", {"since": "x"}).content.decode()
        assert not Entry.objects.exists()

    def test_changes_nothing_by_a_get(self, deeds, browse, dara):
        before = Entry.objects.count()
        assert browse(dara).get("/audit/entries.csv").status_code == 405
        browse(dara).get("/audit/export/")
        assert Entry.objects.count() == before


class TestExport:
    def lines(self, client, network) -> list[bytes]:
        answer = client.post("/audit/export/", {"network": network.pk})
        assert answer.status_code == 200
        return b"".join(answer.streaming_content).splitlines(keepends=True)

    @pytest.mark.parametrize("who", ["mia", "ben", "cora", "asha", "cal", "faye", "nora", "omar"])
    def test_is_for_auditors(self, who, deeds, browse, durham, request):
        client = browse(request.getfixturevalue(who))
        assert client.get("/audit/export/").status_code == 403
        assert client.post("/audit/export/", {"network": durham.pk}).status_code == 403
        assert not Entry.objects.filter(verb="trail.export").exists()

    def test_passes_the_checker_and_hides_what_is_not_theirs(self, deeds, browse, dara, durham):
        sealing.sweep()
        seal = Seal.objects.get()
        lines = self.lines(browse(dara), durham)
        report = checker.check(lines, [(1, seal.digest)])
        assert not report.findings
        assert (report.entries, report.hidden, report.unsealed) == (5, 1, 1)
        whole = b"".join(lines)
        assert b"Otto Lindqvist" in whole
        assert b"Nell Price" not in whole
        assert b"Riverbank" not in whole
        assert SECRET_PLACE.encode() not in whole

    def test_keeps_the_salt_of_what_it_hides(self, deeds, browse, dara, durham, nell):
        """Without it nobody can try out what a hidden entry may say."""
        sealing.sweep()
        hidden = Entry.objects.get(actor_id=nell.pk).sealed
        whole = b"".join(self.lines(browse(dara), durham))
        assert hidden.digest.encode() in whole
        assert hidden.salt.encode() not in whole

    def test_is_itself_entered_before_anything_leaves(self, deeds, browse, dara, durham, cora):
        self.lines(browse(dara), durham)
        entry = Entry.objects.get(verb="trail.export")
        assert (entry.actor_id, entry.network_id) == (dara.pk, durham.pk)
        assert Entry.objects.visible_to(cora).filter(pk=entry.pk).exists()

    def test_is_of_the_networks_one_audits(self, deeds, browse, dara, durham, riverside):
        assert browse(dara).post("/audit/export/", {"network": riverside.pk}).status_code == 403
        appoint(dara, "auditor", riverside)
        client = browse(dara)
        page = client.get("/audit/export/").content.decode()
        assert "Riverside" in page
        assert "Choose a network" in client.post("/audit/export/", {}).content.decode()
        whole = b"".join(self.lines(client, riverside))
        assert b"Nell Price" in whole
        assert b"Otto Lindqvist" not in whole

    def test_costs_the_same_however_long_it_is(self, haven, dara, durham, browse, django_assert_num_queries):
        trail.record("agency.edit", haven)
        sealing.sweep()
        client = browse(dara)
        with CaptureQueriesContext(connection) as few:
            self.lines(client, durham)
        for number in range(30):
            trail.record("agency.edit", haven, number=number)
        sealing.sweep()
        with CaptureQueriesContext(connection) as many:
            self.lines(client, durham)
        assert len(many) == len(few)
