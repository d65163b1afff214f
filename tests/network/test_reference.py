"""Loading tables from files: what it changes, what it says, what it refuses; and the areas."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.models import Entry
from network.models import Area
from network.reference import AREA_COLUMNS, AREAS, TableError, load_areas, read, run
from tests import conformance


def write(path, *rows):
    """A file of areas with these rows, each a dictionary of what differs from a plain region."""
    usual = dict.fromkeys(AREA_COLUMNS, "") | {"kind": "region", "source": "a test", "source_on": "2026-01-01"}
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, AREA_COLUMNS)
        table.writeheader()
        table.writerows({**usual, **row} for row in rows)
    return path


@pytest.fixture
def areas(tmp_path):
    """Loads a file of areas made of these rows and returns the changes."""

    def loaded(*rows, rehearsal=False):
        path = write(tmp_path / "areas.csv", *rows)
        return run(lambda: load_areas(path), Area, rehearsal=rehearsal)

    return loaded


@pytest.mark.django_db
class TestLoad:
    def test_adds_what_is_new(self, areas):
        changes = areas({"name": "North", "gss": "E12000001", "starts_on": "2009-04-01"})
        assert changes.added == ["North"]
        assert Area.objects.get().starts_on == dt.date(2009, 4, 1)

    def test_changes_nothing_the_second_time(self, areas):
        rows = ({"name": "North"}, {"name": "Durham", "kind": "police", "within": "region:North"})
        areas(*rows)
        before = list(Area.objects.order_by("name").values())
        again = areas(*rows)
        assert not again
        assert again.unchanged == 2
        assert list(Area.objects.order_by("name").values()) == before

    def test_says_what_was_and_what_is(self, areas):
        areas({"name": "North", "gss": "E12000001"})
        changes = areas({"name": "North East", "gss": "E12000001"})
        assert changes.changed == ["North East: name: “North” → “North East”"]
        assert Area.objects.get().name == "North East"

    def test_finds_a_row_by_name_until_it_has_a_code(self, areas):
        areas({"name": "East Surrey", "kind": "council"})
        changes = areas({"name": "East Surrey", "kind": "council", "gss": "E06000099"})
        assert changes.changed == ["East Surrey: gss: nothing → “E06000099”"]

    def test_reports_and_keeps_what_the_file_no_longer_holds(self, areas):
        areas({"name": "North"}, {"name": "South"})
        changes = areas({"name": "North"})
        assert changes.absent == ["South"]
        assert Area.objects.count() == 2

    def test_writes_nothing_in_a_rehearsal_and_says_the_same(self, areas):
        areas({"name": "North", "gss": "E12000001"})
        changes = areas({"name": "Nord", "gss": "E12000001"}, {"name": "South"}, rehearsal=True)
        assert changes.added == ["South"]
        assert changes.changed == ["Nord: name: “North” → “Nord”"]
        assert [area.name for area in Area.objects.all()] == ["North"]
        assert Entry.objects.count() == 1

    def test_takes_away_links_that_are_no_longer_told(self, areas):
        inside = {"name": "Durham", "kind": "police", "within": "region:North"}
        areas({"name": "North"}, inside)
        changes = areas({"name": "North"}, {**inside, "within": ""})
        assert changes.changed == ["which area lies within which: 0 added, 1 removed"]
        assert not Area.objects.get(name="Durham").within.exists()

    def test_leaves_one_entry_in_the_trail_when_something_changed(self, areas):
        areas({"name": "North"}, {"name": "South"})
        areas({"name": "North"}, {"name": "South"})
        entry = Entry.objects.get()
        assert (entry.verb, entry.subject_type, entry.details) == (
            "area.load",
            "network.area",
            {"added": 2, "changed": 0},
        )

    def test_asks_no_more_of_the_database_for_more_rows(self, areas):
        areas(*({"name": f"Region {number}"} for number in range(5)))
        with CaptureQueriesContext(
            connection,
        ) as few:
            areas(*({"name": f"Region {number}"} for number in range(5)))
        areas(*({"name": f"Region {number}"} for number in range(60)))
        with CaptureQueriesContext(connection) as many:
            areas(*({"name": f"Region {number}"} for number in range(60)))
        assert len(few) == len(many)


@pytest.mark.django_db
class TestABadFile:
    def test_names_the_row_and_the_cell(self, areas):
        with pytest.raises(TableError, match=r"areas\.csv, row 3: kind “contry”"):
            areas({"name": "North"}, {"name": "England", "kind": "contry"})

    def test_names_a_day_that_is_none(self, areas):
        with pytest.raises(TableError, match=r"row 2: starts_on “2026-02-30”"):
            areas({"name": "North", "starts_on": "2026-02-30"})

    def test_changes_nothing(self, areas):
        areas({"name": "North"})
        with pytest.raises(TableError, match="there is no area “region:Nowhere”"):
            areas({"name": "South"}, {"name": "Durham", "kind": "police", "within": "region:Nowhere"})
        assert [area.name for area in Area.objects.all()] == ["North"]

    def test_refuses_the_same_row_twice(self, areas):
        with pytest.raises(TableError, match="row 3: the same as row 2"):
            areas({"name": "North", "gss": "E12000001"}, {"name": "South", "gss": "E12000001"})

    def test_refuses_other_columns(self, tmp_path):
        path = tmp_path / "areas.csv"
        path.write_text("name,colour\nNorth,blue\n", encoding="utf-8")
        with pytest.raises(TableError, match="must have the columns kind, name"):
            load_areas(path)

    @pytest.mark.parametrize("text", ["", "kind,name\nregion\n", "kind,name\nregion,North,blue\n", "kind,name\n"])
    def test_refuses_what_is_no_table(self, tmp_path, text):
        path = tmp_path / "areas.csv"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(TableError, match=r"areas\.csv"):
            read(path, ("kind", "name"))

    def test_refuses_what_is_not_there_or_not_text(self, tmp_path):
        with pytest.raises(TableError, match="cannot be read"):
            read(tmp_path / "areas.csv", ("kind", "name"))
        (tmp_path / "areas.csv").write_bytes(b"kind,name\nregion,\xff\n")
        with pytest.raises(TableError, match="cannot be read"):
            read(tmp_path / "areas.csv", ("kind", "name"))


@pytest.mark.django_db
class TestLoadAreas:
    def test_loads_every_place(self):
        call_command("load_areas", stdout=io.StringIO())
        counts = Counter(Area.objects.values_list("kind", flat=True))
        assert counts == {"nation": 4, "region": 9, "police": 43, "county": 27, "council": 430}
        assert Area.objects.filter(kind="county", ends_on=None).count() == 20
        durham = Area.objects.get(kind="police", name="Durham")
        assert {area.name for area in durham.contains.all()} == {"County Durham", "Darlington"}

    def test_puts_each_place_in_what_it_lies_in(self):
        load_areas()
        tunbridge = Area.objects.get(kind="council", name="Tunbridge Wells")
        assert {(a.kind, a.name) for a in tunbridge.within.all()} == {
            ("nation", "England"),
            ("region", "South East"),
            ("police", "Kent"),
            ("county", "Kent"),
        }
        assert {a.name for a in Area.objects.get(kind="council", name="Belfast").within.all()} == {"Northern Ireland"}

    def test_says_for_each_where_it_is_from(self):
        load_areas()
        assert not Area.objects.filter(source="").exists()

    def test_refuses_a_bad_file_in_one_sentence(self, tmp_path, monkeypatch):
        path = write(tmp_path / "areas.csv", {"name": "North", "kind": "contry"})
        monkeypatch.setattr(
            "network.management.commands.load_areas.Command.loader", staticmethod(lambda: load_areas(path))
        )
        with pytest.raises(CommandError, match=r"Nothing was loaded\. areas\.csv, row 2"):
            call_command("load_areas")


class TestAgainstThePublishedTables:
    def test_has_the_police_force_areas(self):
        published = conformance.table("police/police_force_areas.csv")
        ours = {row["gss"]: row for row in read(AREAS, AREA_COLUMNS)}
        assert {gss for gss, row in ours.items() if row["kind"] == "police"} == {row["pfa_code"] for row in published}
        renamed = {"London, City of": "City of London", "Devon & Cornwall": "Devon and Cornwall"}
        for row in published:
            name = renamed.get(row["pfa_name"], row["pfa_name"])
            assert ours[row["pfa_code"]]["name"] == name
            for gss in row["lad_gss"].split(";"):
                assert f"police:{name}" in ours[gss]["within"].split("; ")
