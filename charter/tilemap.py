"""Where each council's hexagon goes on the tile map.

Cells are given as column and row, "odd-r" offset: hexagons stand on a point, every odd row is pushed half a cell to the
right, and rows count upwards from the south. A drawing counts downwards, so rows are turned over.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

WIDTH = 26.0  # of one hexagon, between its flat sides
SIDE = WIDTH / 3**0.5
ROW = SIDE * 1.5  # from one row to the next: hexagons interlock
MARGIN = 2.0


@dataclass(frozen=True)
class Tile:
    """One hexagon: its centre, and the row of the register it stands for."""

    x: float
    y: float
    row: Mapping[str, Any]


@dataclass(frozen=True)
class TileMap:
    """The hexagons, the size of the drawing, and the corners of a hexagon around its centre."""

    tiles: list[Tile]
    width: float
    height: float
    corners: str


def draw(rows: Iterable[Mapping[str, Any]]) -> TileMap:
    """The map of the rows that have a cell (`hex_q`, `hex_r`), drawn to fit them. Without any, an empty map."""
    placed = [row for row in rows if row["hex_q"] is not None]
    spots = [centre(row["hex_q"], row["hex_r"]) for row in placed]
    left, top = min((x for x, _ in spots), default=0), min((y for _, y in spots), default=0)
    right, bottom = max((x for x, _ in spots), default=0), max((y for _, y in spots), default=0)
    dx, dy = WIDTH / 2 + MARGIN - left, SIDE + MARGIN - top
    tiles = [Tile(round(x + dx, 1), round(y + dy, 1), row) for (x, y), row in zip(spots, placed, strict=True)]
    return TileMap(tiles, round(right + dx + WIDTH / 2 + MARGIN, 1), round(bottom + dy + SIDE + MARGIN, 1), corners())


def centre(q: int, r: int) -> tuple[float, float]:
    """The middle of a cell, in drawing units, y counting downwards."""
    return (q + 0.5 * (r & 1)) * WIDTH, -r * ROW


def corners() -> str:
    """The six corners of a hexagon around 0,0, as an SVG polygon writes them."""
    half, side = WIDTH / 2, SIDE
    points = [(0, -side), (half, -side / 2), (half, side / 2), (0, side), (-half, side / 2), (-half, -side / 2)]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
