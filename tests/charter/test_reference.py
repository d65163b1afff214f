"""Councils and commitments, as loaded from our own tables."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections import Counter

import pytest
from django.core.management import call_command
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.models import Entry
from charter.models import Commitment, Council, Framework
from charter.reference import COUNCIL_COLUMNS, DATA, load_commitments, load_councils
from network.reference import TableError, load_areas, read
from tests import conformance


@pytest.fixture(scope="module")
def tables(django_db_setup, django_db_blocker):
    """All tables, loaded once for these tests; returns what the command said."""
    with django_db_blocker.unblock(), transaction.atomic():
        said = io.StringIO()
        call_command("load_reference", stdout=said)
        yield said.getvalue()
        transaction.set_rollback(True)


DAY = dt.date(2026, 11, 22)  # before the changes of 2027


def living(day):
    """The councils that exist on that day."""
    return Council.objects.filter(Q(ends_on=None) | Q(ends_on__gte=day), Q(starts_on=None) | Q(starts_on__lte=day))


def successors(code):
    return {council.code for council in Council.objects.get(code=code).successors.all()}


@pytest.mark.usefixtures("tables")
class TestCouncils:
    def test_count_those_that_live_by_type_and_nation(self):
        live = living(DAY)
        assert live.count() == 382
        assert Counter(live.values_list("kind", flat=True)) == {
            "NMD": 164, "UA": 63, "MD": 36, "LBO": 32, "CC": 1, "CTY": 21, "WPA": 22, "SCO": 32, "NID": 11,
        }  # fmt: skip
        nations = {"England": 317, "Wales": 22, "Scotland": 32, "Northern Ireland": 11}
        assert Counter(live.values_list("nation", flat=True)) == nations
        assert Counter(live.values_list("tier", flat=True)) == {"lower": 361, "upper": 21}

    def test_give_each_live_lower_tier_council_its_own_cell(self):
        cells = list(living(DAY).filter(tier="lower").values_list("hex_q", "hex_r"))
        assert len(set(cells)) == 361
        assert not any(None in cell for cell in cells)

    def test_share_43_police_areas(self):
        live = living(DAY)
        assert live.exclude(police_area=None).values("police_area").distinct().count() == 43
        assert live.filter(police_area=None).exclude(nation__in=["Scotland", "Northern Ireland"]).count() == 0
        assert {c.code for c in live.filter(police_area__name="Durham")} == {"DUR", "DAL"}

    def test_follow_one_another(self):
        assert successors("TAU") == successors("WSO") == {"SWT"}
        assert successors("SWT") == {"SMT"}
        assert successors("CMA") == {"CBD", "WAF"}
        assert successors("NTH") == {"NNT", "WNT"}
        assert Council.objects.filter(ends_on__lt=dt.date(2026, 1, 1), successors=None).count() == 0

    def test_know_that_surrey_changes_in_2027(self):
        ending = Council.objects.filter(ends_on=dt.date(2027, 3, 31))
        assert ending.count() == 12
        assert successors("SRY") == {"ESY", "WSY"}
        assert Council.objects.filter(code__in=["ESY", "WSY"], gss="", starts_on=dt.date(2027, 4, 1)).count() == 2
        assert living(DAY).filter(code__in=["ESY", "WSY"]).count() == 0
        assert living(dt.date(2027, 4, 1)).count() == 382 - 12 + 2

    def test_live_by_the_calendar_of_today(self):
        assert set(Council.objects.live()) == set(living(timezone.localdate()))

    def test_keep_both_codes_of_the_two_that_were_given_new_ones(self):
        found = Council.objects.filter(code__in=["BNS", "SHF"]).values_list("gss", "former_codes").order_by("gss")
        assert list(found) == [("E08000016", "E08000038"), ("E08000019", "E08000039")]

    def test_change_nothing_the_second_time(self):
        said = io.StringIO()
        before = Entry.objects.count()
        call_command("load_reference", stdout=said)
        assert all(" 0 added, 0 changed" in line for line in said.getvalue().splitlines())
        assert Entry.objects.count() == before

    def test_say_what_would_change(self):
        Council.objects.filter(code="DAL").update(name="Darlingtn", starts_on=None)
        said = io.StringIO()
        call_command("load_reference", "--dry-run", stdout=said)
        assert "Councils: 0 would be added, 1 would be changed, 456 as before" in said.getvalue()
        assert "name: “Darlingtn” → “Darlington Borough Council”; starts_on: nothing → “1997-04-01”" in said.getvalue()
        assert Council.objects.get(code="DAL").name == "Darlingtn"
        call_command("load_councils", stdout=io.StringIO())
        assert Council.objects.get(code="DAL").name == "Darlington Borough Council"

    def test_keep_their_agency_when_loaded_again(self):
        assert "agency" not in COUNCIL_COLUMNS


@pytest.mark.usefixtures("tables")
class TestCommitments:
    def test_are_ten_in_our_words(self):
        framework = Framework.objects.get()
        ten = list(framework.commitments.order_by("number"))
        assert [each.number for each in ten] == list(range(1, 11))
        assert all(each.title and each.summary and each.evidence_hint and each.measure for each in ten)

    def test_are_the_ten_that_four_councils_minuted(self):
        published = json.loads(conformance.file("charter/charter_commitments.json").read_text(encoding="utf-8"))
        words = "procurement act low union whistle-blow whistle-blow spend risk refer public"
        telling = dict(enumerate(words.split(), 1))
        for row in published["commitments"]:
            ours = Commitment.objects.get(number=row["number"])
            word = telling[row["number"]]
            assert word in f"{row['short']} {row['summary']}".lower()
            assert word in f"{ours.title} {ours.summary}".lower()


@pytest.mark.django_db
class TestBadTables:
    def test_name_the_row_with_an_unknown_successor(self, tmp_path):
        load_areas()
        text = (DATA / "councils.csv").read_text(encoding="utf-8").replace(",SWT,,,", ",NIX,,,", 1)
        path = tmp_path / "councils.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(TableError, match=r"row \d+: there is no council “NIX”"), transaction.atomic():
            load_councils(path)
        assert not Council.objects.exists()

    def test_name_the_row_with_an_unknown_police_area(self):
        with pytest.raises(TableError, match="there is no police area"), transaction.atomic():
            load_councils()

    def test_name_the_row_with_an_unknown_framework(self, tmp_path):
        path = tmp_path / "frameworks.csv"
        path.write_text("name,version,starts_on,source\nOther,1,2026-01-01,a test\n", encoding="utf-8")
        with pytest.raises(TableError, match="there is no framework"), transaction.atomic():
            load_commitments(path)


class TestAgainstThePublishedTable:
    """Where ours differs from what is published it is on purpose, and written in docs/reference-tables.md."""

    @pytest.fixture
    def ours(self):
        return {row["code"]: row for row in read(DATA / "councils.csv", COUNCIL_COLUMNS)}

    @pytest.fixture
    def published(self):
        rows = conformance.table("councils/councils.csv")
        return {row["code"]: row for row in rows if row["type_code"] not in {"COMB", "SRA"}}

    def test_has_the_same_councils(self, ours, published):
        assert set(ours) - set(published) == {"ESY", "WSY"}
        assert set(published) <= set(ours)

    @pytest.mark.parametrize(
        ("column", "theirs"),
        [
            ("gss", "gss"),
            ("kind", "type_code"),
            ("nation", "nation"),
            ("starts_on", "start_date"),
            ("hex_q", "hex_q"),
            ("hex_r", "hex_r"),
        ],
    )
    def test_agrees_on_facts(self, ours, published, column, theirs):
        assert {code: ours[code][column] for code in published} == {
            code: row[theirs] for code, row in published.items()
        }

    def test_agrees_on_names(self, ours, published):
        assert all(ours[code]["name"] == row["official_name"].strip() for code, row in published.items())

    def test_agrees_on_ends_to_the_day(self, ours, published):
        """The published table gives the day after for the reorganisations of 2021 and 2023; ours the last day."""
        for code, row in published.items():
            mine = ours[code]["ends_on"]
            if row["end_date"].endswith("-04-01"):
                assert mine == row["end_date"].replace("-04-01", "-03-31")
            elif mine != "2027-03-31":
                assert mine == row["end_date"]

    def test_agrees_on_who_followed_whom(self, ours):
        for name in ("succession_past.csv", "lgr_surrey_2027.csv"):
            gss = {row["gss"]: code for code, row in ours.items() if row["gss"]}
            names = {row["name"]: code for code, row in ours.items()}
            for row in conformance.table(f"councils/{name}"):
                after = gss.get(row["successor_gss"]) or names[row["successor_name"]]
                assert after in ours[gss[row["predecessor_gss"]]]["successors"].split("; ")

    def test_agrees_on_police_areas(self, ours):
        renamed = {"London, City of": "City of London", "Devon & Cornwall": "Devon and Cornwall"}
        gss = {row["gss"]: row for row in ours.values()}
        for area in conformance.table("police/police_force_areas.csv"):
            for code in area["lad_gss"].split(";"):
                assert gss[code]["police_area"] == renamed.get(area["pfa_name"], area["pfa_name"])

    def test_agrees_on_the_tile_map(self, ours):
        cells = json.loads(conformance.file("hex/uk-local-authority-districts-2023.hexjson").read_text())["hexes"]
        mine = {row["gss"]: (int(row["hex_q"]), int(row["hex_r"])) for row in ours.values() if row["hex_q"]}
        assert mine == {gss: (cell["q"], cell["r"]) for gss, cell in cells.items()}
