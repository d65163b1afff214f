from __future__ import annotations

import csv
from collections import Counter

import pytest

from charter import tilemap
from charter.reference import DATA


def row(q, r, **more):
    return {"hex_q": q, "hex_r": r, **more}


class TestCentre:
    def test_pushes_odd_rows_half_a_cell_to_the_right(self):
        (even, _), (odd, _) = tilemap.centre(3, 2), tilemap.centre(3, 3)
        assert odd - even == pytest.approx(tilemap.WIDTH / 2)

    def test_puts_the_north_at_the_top(self):
        assert tilemap.centre(0, 30)[1] < tilemap.centre(0, 1)[1]

    def test_leaves_each_neighbour_one_width_away(self):
        x, y = tilemap.centre(5, 7)
        for q, r in ((4, 7), (6, 7), (5, 8), (6, 8), (5, 6), (6, 6)):
            nx, ny = tilemap.centre(q, r)
            assert ((nx - x) ** 2 + (ny - y) ** 2) ** 0.5 == pytest.approx(tilemap.WIDTH)


class TestDraw:
    def test_keeps_every_hexagon_inside_the_drawing(self):
        found = tilemap.draw([row(-4, -1), row(11, 37), row(2, 2)])
        for tile in found.tiles:
            assert tilemap.WIDTH / 2 <= tile.x <= found.width - tilemap.WIDTH / 2
            assert tilemap.SIDE <= tile.y <= found.height - tilemap.SIDE

    def test_leaves_out_what_has_no_cell(self):
        found = tilemap.draw([row(1, 1, name="a"), row(None, None, name="b")])
        assert [tile.row["name"] for tile in found.tiles] == ["a"]

    def test_draws_nothing_of_nothing(self):
        assert tilemap.draw([]).tiles == []


def cells_on(day: str) -> list[tuple[str, str, str]]:
    """Column, row and type of each council of the reference table that was there on that day."""
    with (DATA / "councils.csv").open(encoding="utf-8", newline="") as file:
        return [
            (each["hex_q"], each["hex_r"], each["kind"])
            for each in csv.DictReader(file)
            if each["starts_on"] <= day and (not each["ends_on"] or each["ends_on"] >= day)
        ]


class TestTheReferenceTable:
    """The real councils of November 2026: 382, of which the 21 counties have no cell."""

    cells = cells_on("2026-11-22")

    def test_has_a_cell_for_every_live_council_but_the_counties(self):
        assert len(self.cells) == 382
        assert Counter(kind for q, _, kind in self.cells if not q) == {"CTY": 21}

    def test_puts_no_two_councils_in_one_place(self):
        drawn = tilemap.draw([row(int(q), int(r)) for q, r, _ in self.cells if q])
        assert max(Counter((tile.x, tile.y) for tile in drawn.tiles).values()) == 1
