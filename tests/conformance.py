"""Published data that is not ours to commit, read from the folder in `CONFORMANCE_DATA`. Without it a test says so."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest


def file(name: str) -> Path:
    """The file of that name in the folder of published data; without it the test is skipped, in so many words."""
    folder = os.environ.get("CONFORMANCE_DATA")
    if not folder:
        pytest.skip("NOT CHECKED AGAINST PUBLISHED DATA: set CONFORMANCE_DATA to the folder that holds it")
    path = Path(folder) / name
    if not path.is_file():
        pytest.skip(f"NOT CHECKED AGAINST PUBLISHED DATA: {path} is not there")
    return path


def table(name: str) -> list[dict[str, str]]:
    """The rows of a published CSV file."""
    with file(name).open(encoding="utf-8", newline="") as rows:
        return list(csv.DictReader(rows))
